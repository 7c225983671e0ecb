using Gateway.Accounts;
using Gateway.Contracts.Configuration;
using Gateway.Limits;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Builds the rate limits over keys: those that accounts have in short form, and those of the list that fit.</summary>
internal sealed class LimitSetBuilder
{
    private readonly LimitState _state;
    private readonly List<(LimitRule Rule, LimitCounters Counters)> _listed = [];
    private readonly Dictionary<(string Over, string Id), LimitCounter[]> _short = [];
    private readonly Dictionary<string, LimitRule> _rules = new(StringComparer.Ordinal);

    public LimitSetBuilder(GatewaySnapshot snapshot, LimitState state, List<string> errors)
    {
        _state = state;
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in snapshot.Limits)
        {
            var isWhole = true;
            foreach (var (field, message) in LimitCheck.Problems(entry))
            {
                isWhole = false;
                errors.Add($"Limit '{entry.Id}': {field} {message}");
            }

            if (!ids.Add(entry.Id))
            {
                errors.Add($"Limit '{entry.Id}' is there twice.");
            }
            else if (isWhole)
            {
                var byUser = IsOne(entry.Scope.User, entry.Each);
                var rule = new LimitRule(entry, Over(entry.Scope)) { IsCallersOwn = byUser || IsOne(entry.Scope.Key, entry.Each), IsOwnByKey = !byUser };
                _listed.Add((rule, Counters(rule)));
            }
        }

        foreach (var key in snapshot.Keys)
        {
            AddShort("key", key.Id, key.Limits, isOwn: true);
        }

        foreach (var user in snapshot.Users)
        {
            AddShort("user", user.Id, user.Limits, isOwn: true);
        }

        foreach (var team in snapshot.Teams)
        {
            AddShort("team", team.Id, team.Limits, isOwn: false);
        }

        foreach (var customer in snapshot.Customers)
        {
            AddShort("customer", customer.Id, customer.Limits, isOwn: false);
        }
    }

    /// <summary>The limits over one key. May be called at any time and by several threads.</summary>
    /// <param name="accounts">Where the key stands.</param>
    /// <param name="errors">What is wrong with them.</param>
    /// <param name="isShared">True when others call with the same key; then what is left of its limits is not only this caller's.</param>
    public LimitSet Build(KeyAccounts accounts, List<string> errors, bool isShared = false)
    {
        var known = new List<LimitCounter>();
        known.AddRange(Short("key", accounts.Key.Id));
        known.AddRange(Short("user", accounts.User?.Id));
        known.AddRange(Short("team", accounts.Team?.Id));
        known.AddRange(Short("customer", accounts.Customer?.Id));
        var byRequest = new List<MatchedLimit>();
        var byProvider = new List<MatchedLimit>();
        foreach (var (rule, counters) in _listed)
        {
            var entry = rule.Entry;
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
            errors.Add($"Key '{accounts.Key.Id}' has {known.Count} rate limits over it; {LimitSet.MostKnown} are the most.");
        }

        return new LimitSet([.. known], [.. byRequest], [.. byProvider], accounts.Key.Priority, isShared);
    }

    /// <summary>Takes changed figures into force and forgets limits that are gone. To be called once, when nothing is wrong.</summary>
    public void Use() => _state.Use(_rules);

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

    private LimitCounter[] Short(string over, string? id) => id is not null && _short.TryGetValue((over, id), out var counters) ? counters : [];

    // Whether any key is below them or not: callers with tokens come later, and counters have to outlive the keys.
    private void AddShort(string over, string id, RateLimitEntry? entry, bool isOwn)
    {
        if (entry is null or { Concurrency: null, RequestsPerMinute: null, TokensPerMinute: null })
        {
            return;
        }

        var counters = new List<LimitCounter>(3);
        Add(counters, over, id, "concurrency", LimitMetric.ConcurrentRequests, entry.Concurrency, isOwn);
        Add(counters, over, id, "requests", LimitMetric.Requests, entry.RequestsPerMinute, isOwn);
        Add(counters, over, id, "tokens", LimitMetric.TotalTokens, entry.TokensPerMinute, isOwn);
        _short.TryAdd((over, id), [.. counters]);
    }

    private void Add(List<LimitCounter> known, string over, string id, string kind, LimitMetric metric, long? amount, bool isOwn)
    {
        if (amount is not { } limit)
        {
            return;
        }

        // A colon, which no id of the list has, so that the two cannot be mixed up.
        var name = $"{over}:{id}:{kind}";
        var rule = new LimitRule(new LimitEntry { Id = name, Name = "", Metric = metric, Amount = limit }, over) { IsCallersOwn = isOwn, IsOwnByKey = over == "key" };
        known.Add(Counters(rule).Of(""));
    }

    private LimitCounters Counters(LimitRule rule)
    {
        _rules[rule.CounterId] = rule;
        return _state.Get(rule);
    }
}
