//! Schemathesis against the API of the real server: what the document allows is never an error of the server, what it does not
//! allow is refused, and every answer is one that the document has.

use std::time::Duration;

use rig::folder::Folder;
use rig::phone::Phone;
use rig::schemathesis::{COMMAND, folder_with_it};
use rig::server::Server;
use rig::shell::typed;
use rig::{Result, unexpected};
use serde_json::Value;

const LIMIT: Duration = Duration::from_secs(300);

/// What it is told of the data: an object of each kind.
const OBJECTS: [(&str, &str); 4] = [
    ("people", "/person_id"),
    ("invitations", "/id"),
    ("phones", "/phone_id"),
    ("certificates", "/certificate_id"),
];

/// Makes a token, invites somebody, and says what there is as JSON; `enroll` stands between the two.
const INVITE: &str = r#"
umask 077
enroll-server api-token create --name schemathesis --scope read,invite,approve,edit,suspend,revoke > token
sed 's/^/Authorization: Bearer /' token > token.header
curl --silent --fail-with-body --cacert "$ROOT" --header @token.header "$SERVER/api/v1/invitations" \
    --json '{"name": "Alice Example", "email": "alice@example.org", "upn": "alice@example.org", "policy": "compact"}'
"#;
const LOOK: &str = r#"
look() { curl --silent --fail-with-body --cacert "$ROOT" --header @token.header "$SERVER/api/v1/$1" | jq .items[0].id; }
printf '{"phone_id": %s, "certificate_id": %s}' "$(look phones)" "$(look certificates)"
"#;

fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| unexpected(format!("{error}: {text}")))
}

#[test]
fn nothing_that_is_asked_of_the_api_is_an_error_of_the_server() -> Result {
    let schemathesis = folder_with_it()?;
    let folder = Folder::for_test()?;
    let server = Server::on_sqlite(&folder)?;
    let run = |script: &str| {
        typed(&folder, script)?
            .current_dir(folder.path())
            .env("TAPCARD_DATA", Server::data(&folder))
            .env("SERVER", server.portal())
            .env("ROOT", server.root())
            .succeed()
    };
    let mut known = json(&run(INVITE)?.text())?;
    let link = known["link"].as_str().unwrap_or_default().to_owned();
    Phone::at(folder.join("phone")).enroll(&folder, &link, "271828")?;
    let found = json(&run(LOOK)?.text())?;
    for member in ["phone_id", "certificate_id"] {
        known[member] = found[member].clone();
    }
    let mut settings = String::new();
    for (list, member) in OBJECTS {
        let id = known.pointer(member).and_then(Value::as_str);
        let id = id.ok_or_else(|| unexpected(format!("no {list}: {known}")))?;
        settings.push_str(&format!(
            "[[operations]]\ninclude-path-regex = \"^/api/v1/{list}/\"\nparameters = {{ \"path.id\" = \"{id}\" }}\n"
        ));
    }
    folder.write("schemathesis.toml", &settings)?;

    // Which names and notes are refused, a schema cannot say.
    let script = r#"
exec python3 -c "$COMMAND" --no-color --config-file schemathesis.toml run "$SERVER/api/v1/openapi.json" \
    --tls-verify "$ROOT" --header "$(cat token.header)" --seed 1 --max-examples 8 \
    --phases examples,coverage,fuzzing --exclude-checks positive_data_acceptance
"#;
    typed(&folder, script)?
        .current_dir(folder.path())
        .env("COMMAND", COMMAND)
        .env("PYTHONPATH", &schemathesis)
        .env("SERVER", server.portal())
        .env("ROOT", server.root())
        .time_limit(LIMIT)
        .succeed()?
        .saying(&["Tested:", "Coverage", "Fuzzing"])?;
    assert!(server.stop()?.success());
    Ok(())
}
