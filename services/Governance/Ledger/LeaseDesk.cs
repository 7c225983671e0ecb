using Gateway.Budgets;
using Gateway.Contracts.Budgets;
using Gateway.Governance.Storage;
using Gateway.Governance.Usage;

namespace Gateway.Governance.Ledger;

/// <summary>Answers what edges ask of budgets. Whatever it answers is durable by then.</summary>
internal sealed class LeaseDesk(
    Database database, AccountBook book, WindowRegistry registry, WindowClocks clocks, BudgetCatalogues catalogues, RunBook runs, LedgerOptions options, TimeProvider time)
{
    /// <summary>How far ahead of this clock a window may begin, and how long after its end one may still be asked for more than a request needs.</summary>
    private static readonly long _skew = TimeSpan.FromMinutes(5).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Answers several questions in one transaction, in their order.</summary>
    public async Task<IReadOnlyList<LeaseResponse>> AnswerAsync(IReadOnlyList<LeaseRequest> requests, CancellationToken cancellation)
    {
        var catalogue = catalogues.Latest;
        if (requests.Any(r => r.Leases.Any(a => catalogue.Find(a.BudgetId, a.Window) is null)))
        {
            // The edge may have a configuration that another instance gave it and this one has not seen.
            catalogue = await catalogues.CurrentAsync(cancellation).ConfigureAwait(false);
        }

        await registry.EnsureAsync(catalogue, cancellation).ConfigureAwait(false);
        return await database.WriteAsync(session => AnswerAsync(session, requests, catalogue), cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<LeaseResponse>> AnswerAsync(DbSession session, IReadOnlyList<LeaseRequest> requests, BudgetCatalogue catalogue)
    {
        // Held until the commit: a window that begins meanwhile would miss what is granted here.
        await registry.ReadAsync(session).ConfigureAwait(false);
        var now = book.Now;
        var seen = new List<bool>(requests.Count);
        foreach (var request in requests)
        {
            seen.Add(await runs.SeenAsync(session, request, now).ConfigureAwait(false));
        }

        var live = await runs.LiveAsync(session, now).ConfigureAwait(false);
        var questions = requests.Select((r, i) => seen[i] ? r.Leases.Select(a => Question.Of(a, catalogue, clocks)).ToList() : []).ToList();
        var accounts = await book.OpenAsync(session, questions.SelectMany(q => q).Where(q => q.Budget is not null).Select(q => q.Account).ToHashSet()).ConfigureAwait(false);
        var responses = new List<LeaseResponse>(requests.Count);
        var changed = new Dictionary<(string, long, long), Lease>();
        for (var i = 0; i < requests.Count; i++)
        {
            responses.Add(seen[i]
                ? await AnswerAsync(session, requests[i], questions[i], accounts, changed, live, now).ConfigureAwait(false)
                : new LeaseResponse { Leases = [.. requests[i].Leases.Select(Nothing)] });
        }

        await AccountBook.SaveAsync(session, accounts.Values, changed.Values).ConfigureAwait(false);
        return responses;
    }

    private async Task<LeaseResponse> AnswerAsync(
        DbSession session,
        LeaseRequest request,
        List<Question> questions,
        Dictionary<AccountKey, Account> accounts,
        Dictionary<(string Edge, long Epoch, long Account), Lease> changed,
        int live,
        long now)
    {
        var edge = UsageText.Clean(request.EdgeId);
        var leases = await AccountBook.LeasesAsync(
            session, edge, request.Epoch, questions.Where(q => q.Budget is not null).Select(q => accounts[q.Account].Id).Distinct()).ConfigureAwait(false);
        var grants = new List<LeaseGrant>(questions.Count);
        foreach (var question in questions)
        {
            if (question.Budget is not { } budget)
            {
                grants.Add(Unbounded(question.Ask));
                continue;
            }

            var account = accounts[question.Account];
            var id = (edge, request.Epoch, account.Id);
            if (!changed.TryGetValue(id, out var lease) && !leases.TryGetValue(account.Id, out lease))
            {
                lease = new Lease(account.Id, edge, request.Epoch);
            }

            grants.Add(Answer(question, budget, account, lease, live, now));
            if (lease.IsChanged)
            {
                changed[id] = lease;
            }
        }

        return new LeaseResponse { Leases = grants };
    }

    private LeaseGrant Answer(Question question, CataloguedWindow window, Account account, Lease lease, int live, long now)
    {
        var (start, end) = window.Clock.Around(question.Account.Start);
        var allowed = window.Budget.DryRun ? (long?)null : start > now + _skew ? 0 : window.Limit + BudgetAmounts.Overrides(window.Budget, time.GetUtcNow());
        var before = (lease.Granted, lease.Returned, lease.Spent, lease.Held, account.PressedUntil);
        var scarce = LeaseSizing.Decide(account, lease, question.Ask, allowed, live, ended: end != long.MaxValue && end + _skew < now, now);
        if (before != (lease.Granted, lease.Returned, lease.Spent, lease.Held, account.PressedUntil))
        {
            (account.IsChanged, lease.IsChanged) = (true, true);
        }

        return new LeaseGrant
        {
            Granted = lease.Granted,
            Returned = lease.Returned,
            Spent = lease.Spent,
            ExpiresInMs = (long)options.Lease.TotalMilliseconds,
            Scarce = scarce,
            SpentPercent = allowed is > 0 ? account.Counted * 100.0 / allowed.Value : account.Counted > 0 && allowed is 0 ? 100 : 0,
        };
    }

    /// <summary>No budget stands there (any more): the edge, which will have heard of it in a moment, is not held up.</summary>
    private LeaseGrant Unbounded(LeaseAsk ask) => new()
    {
        Granted = Math.Max(ask.Granted, ask.Returned + ask.Spent + ask.Held + Math.Max(ask.Wanted, ask.Needed)),
        ExpiresInMs = (long)options.Lease.TotalMilliseconds,
    };

    /// <summary>The run is over: a later run of the edge said that it is settled.</summary>
    private static LeaseGrant Nothing(LeaseAsk ask) => new() { Granted = ask.Returned + ask.Spent + ask.Held, ExpiresInMs = 0, Scarce = true };

    private sealed record Question(LeaseAsk Ask, CataloguedWindow? Budget, AccountKey Account)
    {
        public static Question Of(LeaseAsk ask, BudgetCatalogue catalogue, WindowClocks clocks)
            => catalogue.Find(ask.BudgetId, ask.Window) is { } window && clocks.Of(ask.Window) is { } clock
                ? new Question(ask, window, new AccountKey(ask.BudgetId, clock.Key, clock.Around(ask.Start).Start))
                : new Question(ask, null, default);
    }
}
