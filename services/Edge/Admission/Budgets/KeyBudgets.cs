using System.Collections.Concurrent;
using Gateway.Budgets;
using Gateway.Contracts.Configuration;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Admission.Budgets;

/// <summary>The budgets over the requests of a key. Which of them a request falls under may depend on its model, its tags and who serves it.</summary>
internal sealed class KeyBudgets
{
    // Names of models and tags are the callers' to choose: beyond this many kinds the memory begins anew.
    private const int MostKinds = 1_000;

    private readonly BudgetAccount[] _always;
    private readonly ScopedBudget[] _scoped;
    private readonly BudgetSet? _only;
    private readonly ConcurrentDictionary<(string Model, string Tags), BudgetSet>? _kinds;
    private int _count;

    /// <summary>Makes the budgets of a key.</summary>
    /// <param name="always">Accounts that stand over every request of it.</param>
    /// <param name="scoped">Budgets that stand over some of them.</param>
    public KeyBudgets(BudgetAccount[] always, ScopedBudget[] scoped)
    {
        _always = always;
        _scoped = scoped;
        if (Array.Exists(scoped, static s => s.Varies))
        {
            _kinds = new();
        }
        else
        {
            _only = always.Length == 0 && scoped.Length == 0 ? BudgetSet.None : Choose("", []);
        }
    }

    /// <summary>True when no budget can stand over a request of the key.</summary>
    public bool IsEmpty => _only is { IsEmpty: true };

    /// <summary>The accounts over a request whose model and tags are known.</summary>
    public BudgetSet For(RequestContext context) => _only ?? For(context.ModelName, context.Tags, context.TagsText);

    /// <summary>The accounts over a request for a model.</summary>
    /// <param name="model">The public name.</param>
    /// <param name="tags">Tags of key and request.</param>
    /// <param name="tagsText">The same as one text.</param>
    public BudgetSet For(string model, IReadOnlyList<string> tags, string tagsText)
    {
        if (_only is not null || _kinds!.TryGetValue((model, tagsText), out var known))
        {
            return _only ?? _kinds![(model, tagsText)];
        }

        known = Choose(model, tags);
        if (Interlocked.Increment(ref _count) > MostKinds)
        {
            _kinds.Clear();
            Volatile.Write(ref _count, 1);
        }

        _kinds[(model, tagsText)] = known;
        return known;
    }

    private BudgetSet Choose(string model, IReadOnlyList<string> tags)
    {
        var chosen = Array.FindAll(_scoped, s => AccountScopes.FitsModel(s.Scope, model) && AccountScopes.FitsTags(s.Scope, tags, []));
        return new BudgetSet(
            _always.Concat(chosen.Where(static s => s.Scope.ProviderId is null).SelectMany(static s => s.Accounts)),
            chosen.Where(static s => s.Scope.ProviderId is not null).SelectMany(static s => s.Accounts.Select(a => (s.Scope.ProviderId!, a))));
    }
}

/// <summary>A budget that stands over some of a key's requests.</summary>
/// <param name="Scope">What it asks of model, tags and provider; what it asks of accounts is known to fit.</param>
/// <param name="Accounts">One for each of its windows.</param>
internal sealed record ScopedBudget(AccountScope Scope, BudgetAccount[] Accounts)
{
    /// <summary>True when a request's model or tags decide.</summary>
    public bool Varies => Scope.Model is not null || Scope.Tag is not null;
}
