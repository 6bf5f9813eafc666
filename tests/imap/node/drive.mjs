// Drives imapflow as test_libraries.py asks on stdin; what it saw goes to stdout as JSON.
import { readFileSync } from 'node:fs';
import { ImapFlow } from 'imapflow';

const wishes = JSON.parse(readFileSync(0, 'utf8'));
const client = new ImapFlow({
    host: '127.0.0.1',
    port: wishes.port,
    secure: false,
    auth: { user: wishes.user, pass: wishes.password },
    tls: { ca: readFileSync(wishes.certificate) },
    logger: false
});
await client.connect();
const told = { folders: (await client.list()).map(({ path, specialUse }) => ({ path, specialUse })) };
const lock = await client.getMailboxLock(wishes.folder);
told.exists = client.mailbox.exists;
told.found = await client.search({ body: 'quokka' }, { uid: true });
const message = await client.fetchOne(String(told.found[0]), { envelope: true, bodyStructure: true, source: true }, { uid: true });
told.text = message.source.toString();
told.subject = message.envelope.subject;
await client.messageFlagsAdd('2', ['\\Flagged'], { uid: true });
await client.messageMove('3', wishes.other, { uid: true });
await client.messageDelete('4', { uid: true });
await client.append(wishes.folder, wishes.mail, ['\\Seen']);
await client.noop();
const heard = new Promise(resolve => client.on('exists', ({ count }) => resolve(count)));
client.idle();
process.stdout.write('waiting\n');
told.heard = await heard;
lock.release();
await client.logout();
process.stdout.write(JSON.stringify(told));
