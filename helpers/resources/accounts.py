"""Money in files: what is moved from one account to another is missing nowhere."""

from helpers.resources.counter_file import CounterFile


class AccountFile(CounterFile):
    """The money of one account, a number in a real file.

    All AccountFiles of a run are judged together too: transfers among them never change the sum.
    """

    def __init__(self, name="account", start=100, write="replace", empty="zero", path=None):
        super().__init__(name, start, write, empty, path)

    @classmethod
    def judge_together(cls, accounts):
        wanted = sum(account.start for account in accounts)
        found = sum(account.observed for account in accounts)
        if found == wanted:
            return "correct", f"all accounts together hold {found}, as at the start"
        return (
            "broken_invariant",
            f"all accounts together hold {found}, and held {wanted} at the start",
        )
