//! The client that loads the module once and is told what to do: its ABI is Windows' own, with packed structures.

use rig::openssl::openssl;
use rig::program::Program;
use rig::stage::Stage;
use rig::told_program::ToldProgram;
use rig::{Result, unexpected};

/// `CKA_ID` of 9A (RSA), 9C (P-256) and 9D (RSA).
pub const AUTHENTICATION: &str = "01";
/// The same of 9C.
pub const SIGNATURE: &str = "02";
/// The same of 9D.
pub const KEY_MANAGEMENT: &str = "03";

/// What is signed and decrypted.
const MESSAGE: &[u8] = b"what Alice has signed";

/// The client, running.
#[derive(Debug)]
pub struct Client {
    told: ToldProgram,
}

impl Client {
    /// Starts it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(stage: &Stage, program: Program, name: &str) -> Result<Self> {
        Ok(Self {
            told: ToldProgram::start(&stage.folder, program, name)?,
        })
    }

    /// Has it do something; gives what came of it.
    ///
    /// # Errors
    /// When the module refuses.
    pub fn does(&mut self, task: &str) -> Result<String> {
        let answer = self.told.act(task)?.result;
        match answer.strip_prefix("ok") {
            Some(result) => Ok(result.trim().to_owned()),
            None => Err(unexpected(format!("`{task}`: {answer}"))),
        }
    }

    /// Has it do something that must be refused; gives why.
    ///
    /// # Errors
    /// When the module does it.
    pub fn is_refused(&mut self, task: &str) -> Result<String> {
        let answer = self.told.act(task)?.result;
        match answer.strip_prefix("error ") {
            Some(reason) => Ok(reason.to_owned()),
            None => Err(unexpected(format!("`{task}` was not refused: {answer}"))),
        }
    }

    /// Has it end.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn ends_well(self) -> Result {
        let status = self.told.end()?;
        if status.success() {
            Ok(())
        } else {
            Err(unexpected(format!("the client has ended: {status}")))
        }
    }

    /// Signs a message with a key; openssl judges.
    ///
    /// # Errors
    /// When the module refuses, or the signature is wrong.
    pub fn signs(&mut self, stage: &Stage, mechanism: &str, id: &str) -> Result {
        let message = stage.folder.write("message", MESSAGE)?;
        let signature = self.does(&format!("sign {mechanism} {id} {}", hex(MESSAGE)))?;
        let mut signature = bytes(&signature)?;
        let options: &[&str] = match mechanism {
            "SHA256-RSA-PKCS-PSS" => &[
                "-sigopt",
                "rsa_padding_mode:pss",
                "-sigopt",
                "rsa_pss_saltlen:32",
            ],
            "ECDSA-SHA256" => {
                signature = der(&signature);
                &[]
            }
            _ => &[],
        };
        let signature = stage.folder.write("signature", signature)?;
        let key = self.public_key(stage, id)?;
        openssl(&stage.folder)?
            .args(["dgst", "-sha256", "-verify"])
            .arg(key)
            .args(options)
            .arg("-signature")
            .args([signature, message])
            .succeed()?
            .saying(&["Verified OK"])?;
        Ok(())
    }

    /// Decrypts what openssl has encrypted.
    ///
    /// # Errors
    /// When the module refuses, or the text is another.
    pub fn decrypts(&mut self, stage: &Stage, mechanism: &str, options: &[&str]) -> Result {
        let message = stage.folder.write("message", MESSAGE)?;
        let key = self.public_key(stage, KEY_MANAGEMENT)?;
        let encrypted = openssl(&stage.folder)?
            .args(["pkeyutl", "-encrypt", "-pubin", "-inkey"])
            .arg(key)
            .arg("-in")
            .arg(message)
            .args(options)
            .succeed()?;
        let task = format!(
            "decrypt {mechanism} {KEY_MANAGEMENT} {}",
            hex(&encrypted.stdout)
        );
        let text = bytes(&self.does(&task)?)?;
        if text == MESSAGE {
            Ok(())
        } else {
            Err(unexpected(format!("{mechanism} gave {text:?}")))
        }
    }

    /// The public key of a certificate on the card, as PEM.
    fn public_key(&mut self, stage: &Stage, id: &str) -> Result<std::path::PathBuf> {
        let certificate = bytes(&self.does(&format!("certificate {id}"))?)?;
        let certificate = stage.folder.write("certificate", certificate)?;
        let key = openssl(&stage.folder)?
            .args(["x509", "-inform", "DER", "-noout", "-pubkey", "-in"])
            .arg(certificate)
            .succeed()?;
        stage.folder.write("public-key", key.stdout)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Result<Vec<u8>> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| {
            digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        })
        .collect::<Option<_>>()
        .ok_or_else(|| unexpected(format!("no hexadecimal digits: {hex}")))?;
    Ok(digits
        .chunks(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect())
}

/// A signature of PKCS#11's form (both numbers in full length) in the form that openssl reads: a SEQUENCE of two INTEGERs.
fn der(signature: &[u8]) -> Vec<u8> {
    let mut numbers = Vec::new();
    for number in signature.chunks(signature.len().div_ceil(2).max(1)) {
        let start = number.iter().position(|byte| *byte != 0);
        let number = start.and_then(|start| number.get(start..)).unwrap_or(&[0]);
        let is_high = number.first().is_some_and(|byte| byte & 0x80 != 0);
        let length = number.len() + usize::from(is_high);
        numbers.extend([2, u8::try_from(length).unwrap_or_default()]);
        numbers.extend(is_high.then_some(0));
        numbers.extend(number);
    }
    let mut sequence = vec![0x30, u8::try_from(numbers.len()).unwrap_or_default()];
    sequence.extend(numbers);
    sequence
}
