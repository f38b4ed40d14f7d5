//! What can be done with the demo while it stays.

use rig::portal::ADMINISTRATOR;

use super::secret::Secrets;
use super::stage::Stage;
use crate::error::Result;

/// Tells where everything is and how to use it.
pub fn tell(stage: &Stage<'_>, secrets: &Secrets) -> Result {
    let server = &stage.office.server;
    println!(
        "
Portal and phone stay until you press Ctrl-C.

  The portal     {portal}/
                 sign in as {ADMINISTRATOR} with the password  {password}
                 (your browser does not know its authority, which is {root})

  The card       in another terminal, lead programs to this demo's reader:
                   export PCSCLITE_CSOCK_NAME={socket}
                 then, for example (the PIN is  {pin} ):
                   {tapcard} doctor
                   pkcs11-tool --module {module} --login --list-objects
                   {ssh}
",
        portal = server.portal(),
        password = secrets.password,
        root = server.root().display(),
        socket = stage.desk.pcsc.socket().display(),
        pin = secrets.pin,
        tapcard = stage.binaries().tapcard()?.display(),
        module = stage.module.path().display(),
        ssh = stage.ssh_command(),
    );
    Ok(())
}
