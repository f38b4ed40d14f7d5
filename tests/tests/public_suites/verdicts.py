"""Runs the tests in a folder; a line for each: its name, how it ended, and what it said."""

import sys
import unittest

import pkcs11


class Verdicts(unittest.TestResult):
    def say(self, test, end, words=""):
        name = test.id().removeprefix("tests.test_")
        print(name, end, " ".join(str(words).split()), sep="\t", flush=True)

    def addSuccess(self, test):
        self.say(test, "passed")

    def addSkip(self, test, reason):
        self.say(test, "skipped", reason)

    def addError(self, test, error):
        kind, value, _ = error
        self.say(test, "failed", f"{kind.__name__} {value}")

    addFailure = addError

    def stopTest(self, test):
        # After a setUp that failed unittest calls no tearDown, and the session would stay, logged in.
        session = getattr(test, "session", None)
        if session is not None:
            try:
                session.close()
            except pkcs11.PKCS11Error:
                pass


suite = unittest.defaultTestLoader.discover(sys.argv[1] + "/tests", top_level_dir=sys.argv[1])
suite.run(Verdicts())
