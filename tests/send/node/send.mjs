// Sends one message with nodemailer. What it needs comes as one JSON document on standard input.
import { createTransport } from "nodemailer";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const { host, port, user, pass, ca, mail } = JSON.parse(await text(process.stdin));
const transport = createTransport({
  host,
  port,
  requireTLS: true,
  auth: { user, pass },
  tls: { ca: readFileSync(ca) },
});
await transport.sendMail(mail);
transport.close();
