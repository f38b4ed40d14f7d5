//! What stands at the end of each command's help: examples, and what the exit status means.

/// Of the whole program.
pub const ALL: &str = "Examples:
  enroll-server serve
      Everything on this machine: https://localhost:8443/, data in ~/.local/share/tapcard/server.

  enroll-server serve --name enroll.example.org --listen 0.0.0.0:8443 --listen-http 0.0.0.0:8080 \\
      --organisation 'Example Ltd'
      For other machines. The name is in every link and certificate: choose it before the first start.

  enroll-server serve --database postgres://tapcard@db.example.org/tapcard
      With PostgreSQL. A URL with a password goes into a file, which --database-file names.

  enroll-server reconcile --crl http://enroll.example.org:8080/crl/KEYID/0.crl
      After a database was restored: what was revoked since is revoked again.

  enroll-server audit verify
      Checks that the audit trail is whole.

  enroll-server administrator password robin@example.org
      Sets a password that was lost. The server may be running.

The keys of the authorities are encrypted under the passphrase of --ca-passphrase-file, or, without one, under a random
passphrase in DIR/secrets/passphrase. TAPCARD_LOG sets what is logged to stderr (info, debug, enroll_server=trace).";

/// Of `administrator`.
pub const ADMINISTRATOR: &str = "Examples:
  sudo -u tapcard enroll-server administrator list
      As the user that the server runs as.

  enroll-server administrator password robin@example.org
      Sets a password that was lost.

Exit status: 0 when it is done, 1 when not, 2 for invalid arguments.
docs/operations.md has it step by step (A password is lost).";

/// Of `administrator list`.
pub const LIST: &str = "Examples:
  enroll-server administrator list
      A line each, with tabs between the columns.

  enroll-server administrator list --json | jq -r '.[] | select(.open_sessions > 0) | .email'
      Who is signed in.

Exit status: 0 when they are listed, none of them too, 1 when not, 2 for invalid arguments.";

/// Of `administrator unlock`.
pub const UNLOCK: &str = "Examples:
  enroll-server administrator unlock robin@example.org
      Forgets the attempts of before, on this account and of all networks.

Exit status: 0 when the administrator can sign in at once, 1 when not, 2 for invalid arguments.";

/// Of `administrator remove-second-factor`.
pub const REMOVE_SECOND_FACTOR: &str = "Examples:
  enroll-server administrator remove-second-factor robin@example.org
      The password is enough to sign in then. Be sure that it is Robin who asks.

Exit status: 0 when the second factor is removed, 1 when not, 2 for invalid arguments.";

/// Of `administrator add`.
pub const ADD: &str = "Examples:
  enroll-server administrator add robin@example.org --name 'Robin Meyer'
      Asks for the password.

  enroll-server administrator add robin@example.org --name 'Robin Meyer' < password.txt
      Takes the first line of the file.

  enroll-server administrator add kim@example.org --name 'Kim Lee' --role auditor
      Somebody who reads everything and changes nothing.

Exit status: 0 when the account is added, 1 when not, 2 for invalid arguments.";

/// Of `administrator password`.
pub const PASSWORD: &str = "Examples:
  enroll-server administrator password robin@example.org
      Asks for the new password, and whether to end the open sessions.

  enroll-server administrator password robin@example.org < password.txt
      Takes the first line of the file, and asks nothing.

Exit status: 0 when the password is set, 1 when not, 2 for invalid arguments.";

/// Of `mail-test`.
pub const MAIL_TEST: &str = "Examples:
  enroll-server mail-test robin@example.org --mail-server mail.example.org --mail-user tapcard \\
      --mail-password-file /etc/tapcard/mail-password --mail-from 'Example Ltd <smartcards@example.org>'
      Sends a mail to Robin.

Exit status: 0 when the mail server has taken it, 1 when not, 2 for invalid arguments.";

/// Of `backup`.
pub const BACKUP: &str = "Examples:
  enroll-server backup /backup/2026-11-26
      Of the data folder and its SQLite database. Never copy the file of the database alone.

  enroll-server backup /backup/2026-11-26 && \\
      pg_dump --format=custom --file=/backup/2026-11-26/database.dump \"$TAPCARD_DATABASE\"
      With PostgreSQL. A password belongs in a .pgpass file.

Exit status: 0 when the backup is complete, 1 when it is not, 2 for invalid arguments.
docs/operations.md has backup and restore step by step.";

/// Of `restore`.
pub const RESTORE: &str = "Examples:
  enroll-server restore /backup/2026-11-26
      On a new machine.

  enroll-server restore --force /backup/2026-11-26
      In place of what is there.

Exit status: 0 when the backup is restored, 1 when it is not, 2 for invalid arguments.
Afterwards, enroll-server reconcile --crl FILE-OR-URL revokes again what was revoked since the backup.
docs/operations.md has it step by step.";

/// Of `serve`.
pub const SERVE: &str = "Examples:
  enroll-server serve
      For this machine alone: https://localhost:8443/, data in ~/.local/share/tapcard/server.

  enroll-server serve --data /var/lib/tapcard --name enroll.example.org \\
      --listen 0.0.0.0:8443 --listen-http 0.0.0.0:8080
      For other machines.

  enroll-server serve --portal-url https://enroll.example.org --relying-url http://enroll.example.org \\
      --trusted-proxies 127.0.0.1
      Behind a proxy on the same machine.

SIGHUP: the key and certificate of HTTPS are read again, from DIR/tls/.

Secrets: a file with a secret must not be open to everybody (chmod 600); the end of its line is not a part of it. Instead
of a file, TAPCARD_DATABASE and TAPCARD_CA_PASSPHRASE may hold them, or systemd's credentials tapcard.database and
tapcard.ca-passphrase. TAPCARD_LOG sets what is logged to stderr (info, debug, enroll_server=trace).

Exit status: 0 when it was told to end (SIGTERM, Ctrl-C), 1 when it could not start or go on, 2 for invalid arguments.
docs/enroll-server.md has what each option is for.";

/// Of `reconcile`.
pub const RECONCILE: &str = "Examples:
  enroll-server reconcile
      Takes over the lists that are kept in DIR/authority.

  enroll-server reconcile --crl http://enroll.example.org:8080/crl/KEYID/0.crl --crl issuing.crl
      Others too: the newest that were published.

Exit status: 0 when the lists are taken over, 1 when not, 2 for invalid arguments.
docs/operations.md has it step by step.";

/// Of `audit verify`.
pub const VERIFY: &str = "Examples:
  enroll-server audit verify
      Says how many events there are. The server may be running.

  enroll-server audit verify --database sqlite:/backup/2026-11-26/enroll-server.db
      Of a backup.

Exit status: 0 when the audit trail is whole, 1 when it is not or cannot be read, 2 for invalid arguments.";

/// Of `administrator remove`.
pub const REMOVE: &str = "Examples:
  enroll-server administrator remove robin@example.org
      Asks whether to do it.

  enroll-server administrator remove robin@example.org < /dev/null
      Asks nothing.

Exit status: 0 when the account is removed, 1 when not, 2 for invalid arguments.";

/// Of `api-token`.
pub const API_TOKEN: &str = "Examples:
  enroll-server api-token create --name inventory --scope read
      Makes a token, and prints it.

  enroll-server api-token list
      Whose tokens work, and when they were last used.

docs/api.md says how a program works with one.";

/// Of `api-token create`.
pub const API_TOKEN_CREATE: &str = "Examples:
  enroll-server api-token create --name inventory --scope read > token
      One that reads, for 90 days. The file has the token alone.

  enroll-server api-token create --name onboarding --scope read,invite --days 30
      One that reads and invites.

Scopes:
  read      people, phones, certificates, invitations and the audit trail
  invite    invites people, and cancels invitations
  edit      corrects the names of people
  suspend   suspends and resumes people and phones
  revoke    revokes phones and certificates, lets people go and takes them back

Exit status: 0 when the token is made, 1 when not, 2 for invalid arguments.";

/// Of `api-token list`.
pub const API_TOKEN_LIST: &str = "Examples:
  enroll-server api-token list
      A line for each token.

  enroll-server api-token list --json
      For programs.

Exit status: 0 when the tokens are listed, 1 when not, 2 for invalid arguments.";

/// Of `api-token revoke`.
pub const API_TOKEN_REVOKE: &str = "Examples:
  enroll-server api-token revoke 2hgq4zx7j5l3v6n8p9rstw1yab
      The id as the list has it.

Exit status: 0 when the token is revoked, 1 when not, 2 for invalid arguments.";
