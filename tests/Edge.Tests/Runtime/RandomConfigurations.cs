using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Tests.Runtime;

/// <summary>Configurations that follow each other by small changes at random, some of which do not work.</summary>
internal sealed class RandomConfigurations(int seed)
{
    private readonly Random _random = new(seed);
    private int _values;

    public GatewaySnapshot Current { get; private set; } = new()
    {
        Version = 1,
        Providers = [Provider("p0"), Provider("p1")],
        Credentials = [new CredentialEntry { Id = "c0", ProviderId = "p0", Secret = "sk-0" }],
        Deployments = [new DeploymentEntry { Id = "d0", ProviderId = "p0", CredentialId = "c0", Model = "m" }, new DeploymentEntry { Id = "d1", ProviderId = "p1", Model = "*" }],
        Routes = [new RouteEntry { Name = "r0", Targets = [new RouteTarget { DeploymentId = "d0" }] }],
    };

    /// <summary>The next one.</summary>
    public GatewaySnapshot Next()
    {
        var next = Current with { Version = Current.Version + _random.Next(1, 4) };
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            next = Change(next);
        }

        return Current = next;
    }

    /// <summary>Goes back to one that worked.</summary>
    public void Return(GatewaySnapshot to) => Current = to with { Version = Current.Version };

    private static ProviderEntry Provider(string id) => new() { Id = id, Kind = ProviderKind.OpenAI, BaseUrl = $"http://127.0.0.1:1/{id}" };

    private GatewaySnapshot Change(GatewaySnapshot of) => _random.Next(16) switch
    {
        0 => of with { Customers = Put(of.Customers, static c => c.Id, Id("o", 2), id => new CustomerEntry { Id = id, Name = id, Enabled = Often(), BudgetIds = Budgets() }) },
        1 or 2 => of with { Teams = Put(of.Teams, static t => t.Id, Id("t", 3), id => new TeamEntry { Id = id, Name = id, CustomerId = Perhaps(of.Customers.Select(static c => c.Id)), Enabled = Often(), Limits = Limits(), BudgetIds = Budgets() }) },
        3 or 4 => of with { Users = Put(of.Users, static u => u.Id, Id("u", 3), id => new UserEntry { Id = id, Name = id, TeamId = Perhaps(of.Teams.Select(static t => t.Id)), Enabled = Often(), BudgetIds = Budgets() }) },
        5 or 6 => of with { Budgets = Put(of.Budgets, static b => b.Id, Id("b", 3), Budget) },
        7 => of with { Routes = Put(of.Routes, static r => r.Name, Id("r", 3), id => new RouteEntry { Name = id, Aliases = Often() ? [] : [id + "*"], Targets = [new RouteTarget { DeploymentId = Id("d", 2), Weight = _random.Next(1, 5) }] }) },
        8 => of with { Deployments = Put(of.Deployments, static d => d.Id, Id("d", 2), id => new DeploymentEntry { Id = id, ProviderId = Id("p", 2), Model = "m" + _random.Next(3) }) },
        9 => of with { Settings = of.Settings with { DefaultOutputTokens = _random.Next(1, 9) } },
        10 => of with { Revisions = new Dictionary<string, long> { ["credential:c0"] = _random.Next(9) } },
        _ => of with { Keys = Put(of.Keys, static k => k.Id, Id("k", 8), id => Key(of, id)) },
    };

    private VirtualKeyEntry Key(GatewaySnapshot of, string id)
    {
        var old = of.Keys.FirstOrDefault(k => k.Id == id);
        var isRotated = old is not null && _random.Next(4) == 0;
        return new VirtualKeyEntry
        {
            Id = id,
            Name = id,
            Sha256 = old is null || isRotated ? Value() : old.Sha256,
            PreviousSha256 = isRotated ? old!.Sha256 : null,
            PreviousUntil = isRotated ? DateTimeOffset.UnixEpoch.AddDays(_random.Next(9)) : null,
            TeamId = Perhaps(of.Teams.Select(static t => t.Id)),
            UserId = Perhaps(of.Users.Select(static u => u.Id)),
            Tags = Often() ? [] : ["tag"],
            Enabled = Often(),
            AllowedModels = Often() ? [] : ["r0"],
            Limits = Limits(),
            BudgetIds = Budgets(),
        };
    }

    private BudgetEntry Budget(string id) => new()
    {
        Id = id,
        Name = id,
        LimitNanoUsd = _random.Next(100),
        Window = Often() ? BudgetWindow.Month : BudgetWindow.Day,
        Scope = _random.Next(6) switch
        {
            0 => new AccountScope { TeamId = Id("t", 3) },
            1 => new AccountScope { KeyId = Id("k", 8) },
            2 => new AccountScope { Tag = "tag" },
            _ => null,
        },
    };

    private string Value() => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(_random.Next(40) == 0 ? 0 : ++_values)));

    private bool Often() => _random.Next(4) != 0;

    private string Id(string kind, int count) => kind + _random.Next(count);

    private RateLimitEntry Limits() => Often() ? new() : new() { RequestsPerMinute = _random.Next(1, 4) };

    // Now and then one that is not there.
    private string[] Budgets() => _random.Next(3) == 0 ? [Id("b", 3)] : [];

    private string? Perhaps(IEnumerable<string> ids) => ids.ToList() is { Count: > 0 } all && _random.Next(2) == 0 ? all[_random.Next(all.Count)] : null;

    /// <summary>Puts one in its place, in the order of the ids, or takes it away.</summary>
    private List<T> Put<T>(IReadOnlyList<T> entries, Func<T, string> idOf, string id, Func<string, T> make)
    {
        var isGone = _random.Next(5) == 0;
        IEnumerable<T> left = entries.Where(e => idOf(e) != id);
        return [.. (isGone ? left : left.Append(make(id))).OrderBy(idOf, StringComparer.Ordinal)];
    }
}
