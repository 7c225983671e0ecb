using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Caching;

/// <summary>Random callers: no answer crosses from one identity to another beyond what the policy of both says.</summary>
public sealed class IdentityTests
{
    private static readonly string[] _scopes = ["key", "team", "customer", "route", "shared"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task No_answer_crosses(int seed)
    {
        var random = new Random(seed);
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: Cancel);
        var identities = Enumerable.Range(0, 24).Select(i => new Identity(i, random)).ToList();
        await using var edge = await EdgeHost.StartAsync(Configuration(simulator, identities));
        var made = new Dictionary<string, string>(StringComparer.Ordinal);
        var hits = 0;
        for (var i = 0; i < 600; i++)
        {
            var who = identities[random.Next(identities.Count)];
            var user = random.Next(3) == 0 ? "ann" : "bob";
            var space = random.Next(4) == 0 ? "n" : "";
            var model = random.Next(2) == 0 ? "sim" : "sim?tokens=5";
            var text = $"question {random.Next(2)}";
            var body = $$"""{"model":"{{model}}","user":"{{user}}","messages":[{"role":"user","content":"{{text}}"}]{{(random.Next(2) == 0 ? ",\"stream\":true" : "")}}}""";
            // Everything that must be equal for two requests to share an answer, worked out apart from the edge.
            var shares = $"{who.ScopeName}|{(who.PerEndUser ? user : "")}|{space}|{model}|{text}";
            var before = CacheAsking.Finished(edge);
            using var answer = await CacheAsking.SendAsync(edge, body, who.Key, space.Length == 0 ? [] : [("x-gateway-cache-namespace", space)]);
            var id = IdOf(await answer.Content.ReadAsStringAsync(Cancel));
            if (CacheAsking.Header(answer, "x-gateway-cache") == "hit-exact")
            {
                hits++;
                Assert.Equal(made[id], shares);
            }
            else
            {
                Assert.True(made.TryAdd(id, shares), $"the answer {id} was given twice");
            }

            await Eventually.TrueAsync(() => CacheAsking.Finished(edge) > before, "the call does not end");
        }

        Assert.True(hits > 100, $"only {hits} hits");
        Assert.Equal(made.Count, made.Values.Distinct().Count());
        Assert.Equal(made.Count, simulator.Received.Count);
    }

    private static string IdOf(string body)
    {
        var first = body.StartsWith("data: ", StringComparison.Ordinal) ? body["data: ".Length..body.IndexOf('\n', StringComparison.Ordinal)] : body;
        return JsonNode.Parse(first)!["id"]!.GetValue<string>();
    }

    private static string Configuration(SimulatorHost simulator, List<Identity> identities)
    {
        var yaml = new StringBuilder(EdgeHost.Configuration(simulator.BaseUrl));
        foreach (var who in identities)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"  k{who.Number}: {{ value: {who.Key}{(who.Team is null ? "" : $", team: {who.Team}")}, cache: {{ scope: {who.Scope}{(who.Scope == "shared" ? ", sharedScope: faq" : "")}, perEndUser: {(who.PerEndUser ? "true" : "false")} }} }}\n");
        }

        return yaml.Append(
            """
            customers: { c0: { name: C0 }, c1: { name: C1 } }
            teams: { t0: { name: T0, customer: c0 }, t1: { name: T1, customer: c0 }, t2: { name: T2, customer: c1 }, t3: { name: T3 } }
            settings: { cache: exact, cacheStorage: { sharedScopes: [faq] } }
            """).ToString();
    }

    private sealed class Identity(int number, Random random)
    {
        public int Number { get; } = number;

        public string Key { get; } = $"gw-identity-{number:D4}-00000000000000000000000000000000";

        public string? Team { get; } = random.Next(5) is var t and < 4 ? $"t{t}" : null;

        public string Scope { get; } = _scopes[random.Next(_scopes.Length)];

        public bool PerEndUser { get; } = random.Next(3) == 0;

        private string? Customer => Team switch { "t0" or "t1" => "c0", "t2" => "c1", _ => null };

        public string ScopeName => Scope switch
        {
            "shared" => "shared",
            "route" => "route",
            "customer" when Customer is not null => "c:" + Customer,
            "customer" or "team" when Team is not null => "t:" + Team,
            _ => "k:" + Number.ToString(CultureInfo.InvariantCulture),
        };
    }
}
