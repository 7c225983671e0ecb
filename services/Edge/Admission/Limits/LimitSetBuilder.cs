using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Builds the rate limits over keys: those that accounts have in short form, and those of the list that fit.</summary>
internal sealed class LimitSetBuilder
{
    private readonly LimitState _state;
    private readonly List<LimitCounters> _listed = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _errors;

    public LimitSetBuilder(GatewaySnapshot snapshot, LimitState state, List<string> errors)
    {
        (_state, _errors) = (state, errors);
        foreach (var entry in snapshot.Limits)
        {
            var isWhole = true;
            foreach (var (field, message) in LimitCheck.Problems(entry))
            {
                isWhole = false;
                errors.Add($"Limit '{entry.Id}': {field} {message}");
            }

            if (!_ids.Add(entry.Id))
            {
                errors.Add($"Limit '{entry.Id}' is there twice.");
            }
            else if (isWhole)
            {
                _listed.Add(_state.Get(new LimitRule(entry, Over(entry.Scope)) { IsCallersOwn = IsCallersOwn(entry) }));
            }
        }
    }

    /// <summary>The limits over one key.</summary>
    public LimitSet Build(KeyAccounts accounts)
    {
        var known = new List<LimitCounter>();
        Add(known, "key", accounts.Key.Id, accounts.Key.Limits, isOwn: true);
        Add(known, "user", accounts.User?.Id, accounts.User?.Limits, isOwn: true);
        Add(known, "team", accounts.Team?.Id, accounts.Team?.Limits, isOwn: false);
        Add(known, "customer", accounts.Customer?.Id, accounts.Customer?.Limits, isOwn: false);
        var byRequest = new List<MatchedLimit>();
        var byProvider = new List<MatchedLimit>();
        foreach (var counters in _listed)
        {
            var entry = counters.Rule.Entry;
            var scope = entry.Scope;
            if (!Fits(scope.Key, accounts.Key.Id) || !Fits(scope.Team, accounts.Team?.Id) || !Fits(scope.Customer, accounts.Customer?.Id) || !Fits(scope.User, accounts.User?.Id))
            {
                continue;
            }

            var value = entry.Each ? Value(scope, accounts) : "";
            if (scope.Provider is not null)
            {
                byProvider.Add(new MatchedLimit(counters, scope, value));
            }
            else if (scope.Model is not null || scope.EndUser is not null || scope.Tag is not null)
            {
                byRequest.Add(new MatchedLimit(counters, scope, value));
            }
            else
            {
                known.Add(counters.Of(value));
            }
        }

        if (known.Count > LimitSet.MostKnown)
        {
            _errors.Add($"Key '{accounts.Key.Id}' has {known.Count} rate limits over it; {LimitSet.MostKnown} are the most.");
        }

        return new LimitSet([.. known], [.. byRequest], [.. byProvider], accounts.Key.Priority);
    }

    /// <summary>Forgets limits that are gone. To be called once every key is built and nothing is wrong.</summary>
    public void Finish() => _state.Keep(_ids);

    private static bool Fits(string? pattern, string? value) => pattern is null || (value is not null && LimitCheck.Matches(pattern, value));

    private static string Value(LimitScope scope, KeyAccounts accounts)
    {
        var values = new List<string>(4);
        AddValue(values, scope.Key, accounts.Key.Id);
        AddValue(values, scope.Team, accounts.Team?.Id);
        AddValue(values, scope.Customer, accounts.Customer?.Id);
        AddValue(values, scope.User, accounts.User?.Id);
        return string.Join('|', values);
    }

    private static void AddValue(List<string> values, string? pattern, string? value)
    {
        if (pattern is not null)
        {
            values.Add(value!);
        }
    }

    /// <summary>True when nobody but the caller can have used what is missing of it.</summary>
    private static bool IsCallersOwn(LimitEntry entry)
    {
        var scope = entry.Scope;
        return IsOne(scope.Key, entry.Each) || IsOne(scope.User, entry.Each) || IsOne(scope.EndUser, entry.Each);
    }

    private static bool IsOne(string? value, bool each) => value is not null && (each || !LimitCheck.IsPattern(value));

    private static string Over(LimitScope scope) =>
        scope.Provider is not null ? "provider"
        : scope.EndUser is not null ? "end user"
        : scope.Key is not null ? "key"
        : scope.User is not null ? "user"
        : scope.Team is not null ? "team"
        : scope.Customer is not null ? "customer"
        : scope.Tag is not null ? "tag"
        : scope.Model is not null ? "model"
        : "gateway";

    private void Add(List<LimitCounter> known, string over, string? id, RateLimitEntry? entry, bool isOwn)
    {
        if (id is null || entry is null)
        {
            return;
        }

        Add(known, over, id, "concurrency", LimitMetric.ConcurrentRequests, entry.Concurrency, isOwn);
        Add(known, over, id, "requests", LimitMetric.Requests, entry.RequestsPerMinute, isOwn);
        Add(known, over, id, "tokens", LimitMetric.TotalTokens, entry.TokensPerMinute, isOwn);
    }

    private void Add(List<LimitCounter> known, string over, string id, string kind, LimitMetric metric, long? amount, bool isOwn)
    {
        if (amount is not { } limit)
        {
            return;
        }

        // A colon, which no id of the list has, so that the two cannot be mixed up.
        var name = $"{over}:{id}:{kind}";
        _ids.Add(name);
        known.Add(_state.Get(new LimitRule(new LimitEntry { Id = name, Name = "", Metric = metric, Amount = limit }, over) { IsCallersOwn = isOwn }).Of(""));
    }
}
