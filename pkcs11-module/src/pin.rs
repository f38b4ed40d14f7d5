//! PINs: which are sent to a card at all, and how long one is held.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use card_edge::piv::Pin;
use card_edge::piv::pin::{PinError, PinForm};
use subtle::ConstantTimeEq;

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::log;
use crate::platform::up_time;
use crate::secret_memory::LockedBytes;
use crate::thread::start;

/// Reads the PIN that a user gave to log in. What cannot be a PIN (a Unix password from a PAM module, say)
/// never reaches the card and costs no try. The form is the one that the user allows for the card with this serial number.
///
/// # Errors
/// [`Error::PinLength`] or [`Error::PinInvalid`].
pub fn read(bytes: &[u8], form: PinForm, serial: &str) -> Result<Pin> {
    Pin::of_form(bytes, form).map_err(|error| {
        if Pin::of_form(bytes, PinForm::Free).is_ok() {
            log::note(|| {
                format!(
                    "a PIV PIN has 6 to 8 digits, so this one was not sent to the card: if this card's is another, write \
                     any_pin = [\"{serial}\"] into pkcs11.toml, or set TAPCARD_PKCS11_ANY_PIN={serial}"
                )
            });
        }
        match error {
            PinError::PinLength => Error::PinLength,
            PinError::PinDigits | PinError::PukLength | PinError::Padding => Error::PinInvalid,
        }
    })
}

/// Characters of a serial number as `C_GetTokenInfo` shows it.
const SERIAL_LENGTH: usize = 16;

/// The cards whose PIN may be of another form than the standard's, by the serial numbers that `C_GetTokenInfo` shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FreePins(Vec<String>);

impl FreePins {
    /// The cards with these serial numbers; `None` where one is not 16 hexadecimal digits.
    pub fn of_serials<'a>(serials: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        serials
            .into_iter()
            .map(|serial| {
                let digits = serial.trim().to_ascii_lowercase();
                let is_serial = digits.len() == SERIAL_LENGTH
                    && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
                is_serial.then_some(digits)
            })
            .collect::<Option<Vec<String>>>()
            .map(Self)
    }

    /// What the PIN of the card with this serial number may look like.
    #[must_use]
    pub fn form(&self, serial: &str) -> PinForm {
        if self.0.iter().any(|free| free == serial) {
            PinForm::Free
        } else {
            PinForm::Standard
        }
    }
}

/// The PINs that a card has refused in this process: a program that repeats one of them costs no more tries.
#[derive(Default)]
pub struct RefusedPins {
    salt: Option<[u8; 16]>,
    hashes: Vec<Vec<u8>>,
}

impl RefusedPins {
    fn hash(salt: &[u8; 16], pin: &Pin) -> Vec<u8> {
        Hash::Sha256.of(&[salt, pin.as_bytes()]).to_vec()
    }

    /// Whether the card has refused this PIN.
    #[must_use]
    pub fn contain(&self, pin: &Pin) -> bool {
        self.salt.is_some_and(|salt| {
            let hash = Self::hash(&salt, pin);
            self.hashes
                .iter()
                .any(|known| bool::from(known.ct_eq(&hash)))
        })
    }

    /// Remembers that the card has refused this PIN. Without randomness nothing is remembered.
    pub fn remember(&mut self, pin: &Pin) {
        let salt = self.salt.or_else(|| {
            let mut salt = [0; 16];
            getrandom::fill(&mut salt).ok().map(|()| salt)
        });
        self.salt = salt;
        if let Some(salt) = salt {
            self.hashes.push(Self::hash(&salt, pin));
        }
    }

    /// Forgets them: the card's counter was set back.
    pub fn forget(&mut self) {
        self.hashes.clear();
    }
}

/// How often who wipes a PIN looks at the time: the wait itself does not count the time that the computer is suspended.
const LOOK: Duration = Duration::from_secs(1);

struct Held {
    pin: LockedBytes<8>,
    /// By the clock of the cache.
    until: Duration,
}

#[derive(Default)]
struct Shared {
    held: Mutex<Option<Held>>,
    changed: Condvar,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Clock = fn() -> Duration;

/// Holds one PIN after the card has accepted it, so that what another program has undone is restored without asking the user
/// again: for its time, in memory that is neither swapped out nor dumped, and wipes it then.
pub struct PinCache {
    shared: Arc<Shared>,
    time: Duration,
    clock: Clock,
}

impl PinCache {
    /// One that holds a PIN for this time.
    #[must_use]
    pub fn new(time: Duration) -> Self {
        Self::by_clock(time, up_time)
    }

    fn by_clock(time: Duration, clock: Clock) -> Self {
        Self {
            shared: Arc::default(),
            time,
            clock,
        }
    }

    /// Holds this PIN instead of any other. Where memory cannot be locked, or there is nobody who would wipe it, it is not held.
    pub fn hold(&self, pin: &Pin) {
        self.hold_if(pin, |shared, clock| {
            start("tapcard-pin", move || wipe_when_over(&shared, clock))
        });
    }

    fn hold_if(&self, pin: &Pin, is_wiped: impl FnOnce(Arc<Shared>, Clock) -> bool) {
        let held = LockedBytes::new(pin.as_bytes()).map(|pin| Held {
            pin,
            until: (self.clock)().saturating_add(self.time),
        });
        let was_held = std::mem::replace(&mut *self.shared.lock(), held).is_some();
        self.shared.changed.notify_all();
        if !was_held && !is_wiped(Arc::clone(&self.shared), self.clock) {
            self.forget();
        }
    }

    /// The PIN, if there is one and its time is not over.
    #[must_use]
    pub fn get(&self) -> Option<Pin> {
        let mut held = self.shared.lock();
        if held
            .as_ref()
            .is_some_and(|held| held.until <= (self.clock)())
        {
            *held = None;
        }
        held.as_ref().and_then(|held| {
            Pin::of_form_from_padded(held.pin.as_bytes().as_slice(), PinForm::Free).ok()
        })
    }

    /// Wipes the PIN.
    pub fn forget(&self) {
        *self.shared.lock() = None;
        self.shared.changed.notify_all();
    }
}

impl Drop for PinCache {
    fn drop(&mut self) {
        self.forget();
    }
}

fn wipe_when_over(shared: &Shared, clock: Clock) {
    let mut held = shared.lock();
    while let Some(until) = held.as_ref().map(|held| held.until) {
        let left = until.saturating_sub(clock());
        if left.is_zero() {
            *held = None;
            return;
        }
        held = shared
            .changed
            .wait_timeout(held, left.min(LOOK))
            .unwrap_or_else(PoisonError::into_inner)
            .0;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Instant;

    use super::*;

    fn pin(digits: &str) -> Pin {
        Pin::new(digits.as_bytes()).unwrap()
    }

    #[test]
    fn what_cannot_be_a_pin_is_refused_before_it_is_sent() {
        let serial = "00112233445566ff";
        let free = FreePins::of_serials(["00112233445566FF"]).unwrap();
        for (value, standard, as_allowed) in [
            (&b"12345"[..], Err(Error::PinLength), Ok(())),
            (b"secret12", Err(Error::PinInvalid), Ok(())),
            (b"123456", Ok(()), Ok(())),
            (b"123", Err(Error::PinLength), Err(Error::PinLength)),
            (
                b"a long password",
                Err(Error::PinLength),
                Err(Error::PinLength),
            ),
            (
                b"\x01\x02\x03\x04\x05\x06",
                Err(Error::PinInvalid),
                Err(Error::PinInvalid),
            ),
        ] {
            let read = |form| read(value, form, serial).map(drop);
            assert_eq!(read(FreePins::default().form(serial)), standard);
            assert_eq!(read(free.form("0011223344556600")), standard);
            assert_eq!(read(free.form(serial)), as_allowed);
        }
        assert_eq!(FreePins::of_serials(["00112233445566f"]), None);
        assert_eq!(FreePins::of_serials(["00112233445566fg"]), None);
    }

    #[test]
    fn refused_pins_are_known_until_the_counter_is_set_back() {
        let mut refused = RefusedPins::default();
        assert!(!refused.contain(&pin("123456")));
        refused.remember(&pin("123456"));
        refused.remember(&pin("111111"));
        assert!(refused.contain(&pin("123456")));
        assert!(refused.contain(&pin("111111")));
        assert!(!refused.contain(&pin("222222")));
        refused.forget();
        assert!(!refused.contain(&pin("123456")));
    }

    #[test]
    fn a_held_pin_is_wiped_when_its_time_is_over_or_it_is_forgotten() {
        let cache = PinCache::new(Duration::from_secs(3));
        cache.hold(&pin("123456"));
        assert!(bool::from(cache.get().unwrap().ct_eq(&pin("123456"))));
        let free = Pin::of_form(b"word", PinForm::Free).unwrap();
        cache.hold(&free);
        assert!(bool::from(cache.get().unwrap().ct_eq(&free)));
        cache.forget();
        assert!(cache.shared.lock().is_none());

        cache.hold(&pin("123456"));
        end_its_time(&cache);
        assert!(cache.get().is_none());
        assert!(cache.shared.lock().is_none());
    }

    #[test]
    fn a_pin_that_nobody_asks_for_is_wiped_when_its_time_is_over() {
        let cache = PinCache::new(Duration::from_secs(3));
        cache.hold(&pin("123456"));
        assert!(cache.shared.lock().is_some());
        end_its_time(&cache);
        until_it_is_wiped(&cache);
    }

    #[test]
    fn a_pin_is_not_held_where_nobody_would_wipe_it() {
        let cache = PinCache::new(Duration::from_secs(3));
        cache.hold_if(&pin("123456"), |_, _| false);
        assert!(cache.get().is_none());
        // Who waits for the end of the one before wipes the next too.
        cache.hold(&pin("123456"));
        cache.hold_if(&pin("222222"), |_, _| false);
        assert!(bool::from(cache.get().unwrap().ct_eq(&pin("222222"))));
    }

    #[test]
    fn a_computer_that_was_suspended_has_let_the_time_of_a_pin_pass() {
        static SUSPENDED: AtomicU64 = AtomicU64::new(0);
        let clock = || up_time() + Duration::from_secs(SUSPENDED.load(Ordering::SeqCst));
        let time = Duration::from_secs(3600);
        let (asked, unasked) = (
            PinCache::by_clock(time, clock),
            PinCache::by_clock(time, clock),
        );
        asked.hold(&pin("123456"));
        unasked.hold(&pin("123456"));
        assert!(asked.get().is_some());
        SUSPENDED.store(time.as_secs(), Ordering::SeqCst);
        assert!(asked.get().is_none());
        until_it_is_wiped(&unasked);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_time_is_that_since_the_start_suspended_or_not() {
        // proc_uptime(5): seconds, the time in suspend among them.
        let kernel = || {
            let text = std::fs::read_to_string("/proc/uptime").unwrap();
            let seconds = text.split_whitespace().next().unwrap();
            Duration::from_secs_f64(seconds.parse().unwrap())
        };
        let (before, ours, after) = (kernel(), up_time(), kernel());
        let of_reading = Duration::from_millis(20);
        assert!(before <= ours + of_reading && ours <= after + of_reading);
    }

    fn until_it_is_wiped(cache: &PinCache) {
        let patience = Instant::now() + Duration::from_secs(60);
        while cache.shared.lock().is_some() {
            assert!(Instant::now() < patience, "it is still there");
            std::thread::yield_now();
        }
    }

    fn end_its_time(cache: &PinCache) {
        if let Some(held) = cache.shared.lock().as_mut() {
            held.until = Duration::ZERO;
        }
        cache.shared.changed.notify_all();
    }
}
