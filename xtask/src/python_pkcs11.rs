//! Fetching python-pkcs11, by which Python programs use a PKCS#11 module, and its own tests, once.

use std::fs;

use rig::python_pkcs11::{folder, folder_with_it, suite_folder, suite_with_it};

use crate::error::{Error, Result, doing};
use crate::pip;

/// The package for Python 3.11 and 3.13, each for x86-64 and AArch64, and its one library; pip takes them with these hashes
/// alone.
const REQUIREMENTS: &str = "python-pkcs11==0.10.1 \
    --hash=sha256:9aa098df6530ab47db289e32bcc4b2d08a741ca5845e97d26e239e04f395d908 \
    --hash=sha256:3152127781fb4562cec15d5e5fd3631076bfecb4c3a764fd8f9d57bee1f1ef6d \
    --hash=sha256:7270f8844463f2ac713df63a21d4a8c7111c57ca5edfb8bf34156e45d7cb855b \
    --hash=sha256:6c05e23631b0e95585a7936392df12ac68fc5051e24f12a952bf536d5cf83baf
asn1crypto==1.5.1 \
    --hash=sha256:db4e40728b728508912cbb3d44f19ce188f218e9eba635821bb4b68564f8fd67
";

/// Its source, which has its tests.
const SOURCE: &str = "python-pkcs11==0.10.1 \
    --hash=sha256:e0d7ccede3b3145a678d7c8c59b3c64dcebeb77c9146ad3394a4b1309c4ab2a2
";

/// What its tests take beside it, for the same two versions and architectures.
const SUITE: &str = "parameterized==0.9.0 \
    --hash=sha256:4e0758e3d41bea3bbd05ec14fc2c24736723f243b28d702081aef438c9372b1b
cryptography==46.0.3 \
    --hash=sha256:10b01676fc208c3e6feeb25a8b83d81767e8059e1fe86e1dc62d10a3018fa926 \
    --hash=sha256:549e234ff32571b1f4076ac269fcce7a808d3bf98b76c8dd560e42dbc66d7d91
cffi==2.0.0 \
    --hash=sha256:8941aaadaf67246224cee8c3803777eed332a19d909b47e29c9842ef1e79ac26 \
    --hash=sha256:730cacb21e1bdff3ce90babf007d0a0917cc3e6492f336c2f0134101e0944f93 \
    --hash=sha256:c8d3b5532fc71b7a77c09192b4a5a200ea992702734a2e9279a37f2478236f26 \
    --hash=sha256:d48a880098c96020b02d5a1f7d9251308510ce8858940e6fa99ece33f610838b
";

/// What pip takes to give the source away.
const TOOLS: &str = "setuptools==80.9.0 \
    --hash=sha256:062d34222ad13e0cc312a4c02d73f059e86a4acbfbdea8f8f76b28c99f306922
setuptools-scm==8.3.1 \
    --hash=sha256:332ca0d43791b818b841213e76b1971b7711a960761c5bea5fc5cdb5196fbce3
packaging==25.0 \
    --hash=sha256:29572ef2b1f17581046b3a2227d5c611fb25ec70ca1ba8554b24b0e69331a484
cython==3.1.6 \
    --hash=sha256:91dcf7eb9b6a089ce4e9e1140e571d84c3bca834afb77ec269be7aa9d31a8157
";

/// Puts both into the build folder unless they are there.
pub fn ensure() -> Result {
    if folder_with_it().is_err() {
        pip::unpack(REQUIREMENTS, &folder()?)?;
        folder_with_it()?;
    }
    if suite_with_it().is_err() {
        fetch_suite()?;
    }
    suite_with_it().map(drop).map_err(Error::from)
}

fn fetch_suite() -> Result {
    let folder = suite_folder()?;
    let (tools, source) = (folder.join("tools"), folder.join("source"));
    pip::unpack(SUITE, &folder)?;
    pip::unpack(TOOLS, &tools)?;
    pip::unpack_source(SOURCE, &tools, &source)?;
    let (from, to) = (source.join("tests"), folder.join("tests"));
    fs::rename(&from, &to).map_err(doing(format!("move {}", from.display())))?;
    for done in [tools, source] {
        fs::remove_dir_all(&done).map_err(doing(format!("remove {}", done.display())))?;
    }
    Ok(())
}
