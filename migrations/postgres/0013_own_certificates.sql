-- The server's own certificates, the newest of each issuer and profile first; the cards of a holder who is removed.
CREATE INDEX certificates_own ON certificates (issuer_id, profile, reserved_at) WHERE phone_id IS NULL;
CREATE INDEX cards_holder ON cards (holder_id);
