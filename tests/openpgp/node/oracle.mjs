// openpgp.js behind one line of JSON in, one line of JSON out. Binary values are base64.
import * as openpgp from "openpgp";
import { createInterface } from "node:readline";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64"));
const base64 = (data) => Buffer.from(data).toString("base64");

async function privateKey(armored, passphrase) {
  const key = await openpgp.readPrivateKey({ armoredKey: armored });
  return passphrase ? openpgp.decryptKey({ privateKey: key, passphrase }) : key;
}

const publicKeys = (list) => Promise.all((list ?? []).map((armoredKey) => openpgp.readKey({ armoredKey })));

async function verdicts(signatures) {
  const list = [];
  for (const item of signatures) {
    try {
      await item.verified;
      list.push("valid");
    } catch (error) {
      list.push(String(error.message));
    }
  }
  return list;
}

const operations = {
  async version() {
    return { version: process.version };
  },
  async generate({ kind, curve, bits, passphrase, config, name, email }) {
    const options = { type: kind, userIDs: [{ name, email }], passphrase, format: "armored", config: config ?? {} };
    if (curve) options.curve = curve;
    if (bits) options.rsaBits = bits;
    const made = await openpgp.generateKey(options);
    return { private: made.privateKey, public: made.publicKey };
  },
  async encrypt({ data, to, sign, passphrase, text, passwords, config }) {
    const content = bytes(data);
    const message = await openpgp.createMessage(text ? { text: Buffer.from(content).toString("utf8") } : { binary: content });
    const signingKeys = sign ? [await privateKey(sign, passphrase)] : undefined;
    const encryptionKeys = await publicKeys(to);
    return {
      message: base64(
        await openpgp.encrypt({ message, encryptionKeys, signingKeys, passwords, format: "binary", config: config ?? {} }),
      ),
    };
  },
  async decrypt({ message, key, passphrase, verify, passwords }) {
    const opened = await openpgp.decrypt({
      message: await openpgp.readMessage({ binaryMessage: bytes(message) }),
      decryptionKeys: key ? [await privateKey(key, passphrase)] : undefined,
      verificationKeys: await publicKeys(verify),
      passwords,
      format: "binary",
    });
    return { data: base64(opened.data), signatures: await verdicts(opened.signatures) };
  },
  async sign({ data, key, passphrase, text }) {
    const content = bytes(data);
    const message = await openpgp.createMessage(text ? { text: Buffer.from(content).toString("utf8") } : { binary: content });
    const signed = await openpgp.sign({
      message,
      signingKeys: [await privateKey(key, passphrase)],
      detached: true,
      format: "binary",
    });
    return { signature: base64(signed) };
  },
  async verify({ data, signature, certificates }) {
    const result = await openpgp.verify({
      message: await openpgp.createMessage({ binary: bytes(data) }),
      signature: await openpgp.readSignature({ binarySignature: bytes(signature) }),
      verificationKeys: await publicKeys(certificates),
      format: "binary",
    });
    return { signatures: await verdicts(result.signatures) };
  },
  async cleartext({ text, key, passphrase }) {
    const message = await openpgp.createCleartextMessage({ text });
    return { text: await openpgp.sign({ message, signingKeys: [await privateKey(key, passphrase)] }) };
  },
  async unlock({ key, passphrase }) {
    const opened = await privateKey(key, passphrase);
    return { fingerprint: opened.getFingerprint().toUpperCase() };
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const { operation, ...request } = JSON.parse(line);
    answer = await operations[operation](request);
  } catch (error) {
    answer = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
