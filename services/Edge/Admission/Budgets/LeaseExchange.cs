using Gateway.Contracts.Budgets;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>What is asked of the ledger next, and what its answers change. One question is under way at a time; whatever wants to be asked meanwhile goes into the next.</summary>
internal sealed class LeaseExchange(BudgetBook book)
{
    private const int MostLeases = 10_000;

    private readonly HashSet<BudgetAccount> _active = [];
    private readonly HashSet<BudgetAccount> _wanting = [];

    /// <summary>True while anything is leased, held or waited for.</summary>
    public bool IsActive => _active.Count > 0;

    /// <summary>What is to be asked now.</summary>
    /// <param name="now">Timestamp of this moment.</param>
    /// <param name="all">True: also about accounts that did not want it themselves, which renews leases and gives back what idles.</param>
    public List<LeaseQuestion> Compose(long now, bool all)
    {
        var questions = new List<LeaseQuestion>();
        book.TakeWanting(_wanting);
        foreach (var account in _wanting)
        {
            // The rest stays in line.
            if (questions.Count < MostLeases)
            {
                Look(account, now, questions);
                _wanting.Remove(account);
            }
        }

        foreach (var account in all ? _active.ToArray() : [])
        {
            if (questions.Count < MostLeases)
            {
                Look(account, now, questions);
            }
        }

        return questions;
    }

    /// <summary>Takes an answer.</summary>
    /// <param name="questions">What was asked.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="sentAt">Timestamp of before the question was sent: a lease runs from there, so that it never outlives what the ledger thinks.</param>
    /// <returns>False when the answer is none to these questions.</returns>
    public bool Apply(List<LeaseQuestion> questions, LeaseResponse answer, long sentAt)
    {
        if (answer.Leases.Count != questions.Count)
        {
            Fail(questions);
            return false;
        }

        for (var i = 0; i < questions.Count; i++)
        {
            questions[i].Account.Apply(questions[i].Window, answer.Leases[i], sentAt);
        }

        return true;
    }

    /// <summary>There was no answer.</summary>
    public void Fail(List<LeaseQuestion> questions)
    {
        foreach (var question in questions)
        {
            question.Account.Fail(question.Window);
        }
    }

    private void Look(BudgetAccount account, long now, List<LeaseQuestion> questions)
    {
        if (account.Ask(now, questions))
        {
            _active.Add(account);
        }
        else
        {
            _active.Remove(account);
        }
    }
}
