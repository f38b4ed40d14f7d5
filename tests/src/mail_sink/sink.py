"""A mail server: keeps each mail in a file, refuses who is called nobody, and answers nothing while it is told to hold."""

import asyncio
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

folder, certificate, key, user, password = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
taken = 0


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 there is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global taken
        taken += 1
        path = os.path.join(folder, f"{taken}.eml")
        with open(path + ".part", "wb") as mail:
            mail.write(envelope.content)
        os.rename(path + ".part", path)
        while os.path.exists(os.path.join(folder, "hold")):
            await asyncio.sleep(0.02)
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    is_right = data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=is_right)


def talk():
    return SMTP(
        Handler(),
        hostname="localhost",
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
        enable_SMTPUTF8=True,
    )


async def serve():
    server = await asyncio.get_running_loop().create_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
