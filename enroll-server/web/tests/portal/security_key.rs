//! A security key with passkeys, and the browser that it is at: as much of Web Authentication as the portal asks for.

use data_encoding::BASE64URL_NOPAD;
use rcgen::{KeyPair, PublicKeyData as _, SigningKey as _};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Somebody touched it, and it asked for their PIN.
const PRESENT_AND_VERIFIED: u8 = 0b101;
/// A new passkey comes along.
const NEW: u8 = 1 << 6;

/// A security key with one passkey, and where it is used. A test changes what is to be wrong.
pub struct SecurityKey {
    key: KeyPair,
    /// By which it knows the passkey.
    pub id: String,
    /// The origin of the page on which it is used.
    pub origin: String,
    /// For whom the passkey was made.
    pub relying_party: String,
    /// What it says of who is there.
    pub flags: u8,
    /// How often it has signed.
    pub count: u32,
    /// Whether it counts.
    pub counts: bool,
    /// Whose it says it is; where there is nothing, it says nothing.
    pub user: Option<String>,
    /// Whether the page is in a frame of another site.
    pub is_framed: bool,
    /// Signs with another key than its own.
    pub is_forged: bool,
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

impl SecurityKey {
    /// One that was never used, at the portal with this origin.
    pub fn new(origin: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let id = Sha256::digest(key.subject_public_key_info());
        Self {
            id: encoded(id),
            key,
            origin: origin.to_owned(),
            relying_party: "localhost".to_owned(),
            flags: PRESENT_AND_VERIFIED,
            count: 0,
            counts: true,
            user: None,
            is_framed: false,
            is_forged: false,
        }
    }

    fn client_data(&self, ceremony: &str, options: &Value) -> String {
        let said = json!({
            "type": ceremony,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": self.is_framed,
        });
        said.to_string()
    }

    fn authenticator_data(&mut self, flags: u8) -> Vec<u8> {
        if self.counts {
            self.count += 1;
        }
        let mut data = Sha256::digest(&self.relying_party).to_vec();
        data.push(flags);
        data.extend(self.count.to_be_bytes());
        data
    }

    /// Makes its passkey, as the page asks for one.
    pub fn make(&mut self, options: &Value) -> String {
        assert_eq!(options["rp"]["id"], "localhost");
        assert_eq!(options["attestation"], "none");
        let selection = &options["authenticatorSelection"];
        assert_eq!(selection["residentKey"], "required");
        assert_eq!(selection["userVerification"], "required");
        self.user = options["user"]["id"].as_str().map(str::to_owned);
        let mut data = self.authenticator_data(self.flags | NEW);
        let id = BASE64URL_NOPAD.decode(self.id.as_bytes()).unwrap();
        data.extend([0; 16]);
        data.extend(u16::try_from(id.len()).unwrap().to_be_bytes());
        data.extend(id);
        let client_data = self.client_data("webauthn.create", options);
        let made = json!({
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(client_data),
                "authenticatorData": encoded(data),
                "publicKey": encoded(self.key.subject_public_key_info()),
                "publicKeyAlgorithm": -7,
                "transports": ["usb"],
            },
        });
        made.to_string()
    }

    /// Shows its passkey, as the page asks for one.
    pub fn show(&mut self, options: &Value) -> String {
        assert_eq!(options["rpId"], "localhost");
        assert_eq!(options["userVerification"], "required");
        self.answer("webauthn.get", options)
    }

    /// Shows its passkey for something else.
    pub fn answer(&mut self, ceremony: &str, options: &Value) -> String {
        let data = self.authenticator_data(self.flags);
        let client_data = self.client_data(ceremony, options);
        let mut message = data.clone();
        message.extend(Sha256::digest(&client_data));
        let signature = if self.is_forged {
            KeyPair::generate().unwrap().sign(&message)
        } else {
            self.key.sign(&message)
        };
        let shown = json!({
            "id": self.id,
            "rawId": self.id,
            "type": "public-key",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encoded(client_data),
                "authenticatorData": encoded(data),
                "signature": encoded(signature.unwrap()),
                "userHandle": self.user,
            },
        });
        shown.to_string()
    }
}
