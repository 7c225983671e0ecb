using System.Text.Json.Nodes;
using Gateway.Dialects.Chat;
using Gateway.Edge.Tests.Inbound;
using Gateway.Guardrails.Vault;
using Gateway.LlmSimulator;

namespace Gateway.Edge.Tests.Guarding;

/// <summary>What is taken out of a request for a placeholder, and put back into its answer.</summary>
public sealed class PseudonymTests
{
    private const string Policy = """
        guardrails:
          p: { appliesTo: {}, rules: [ { detector: keywords, action: pseudonymize, scopes: [ input ], terms: [ "Maria \"Mia\" Ünal", Falcon ] } ] }
        """;

    public static TheoryData<DialectId, string> Pairs => NativeCallTests.Pairs;

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task Placeholders_go_out_and_originals_come_back_whole_and_streamed(DialectId dialect, string provider)
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(NativeCallTests.Configuration(simulator, Policy));
        var caller = new Caller(dialect);
        const string text = "tell Falcon and Maria \"Mia\" Ünal about Falcon";
        using var plain = await caller.AskAsync(edge, provider + "/sim?echo=1", text: text);
        var answer = Caller.Text(await caller.AnswerAsync(plain));
        var sent = simulator.Received[^1].BodyText;
        Assert.DoesNotContain("Falcon", sent, StringComparison.Ordinal);
        Assert.DoesNotContain("nal about", sent, StringComparison.Ordinal);
        Assert.Contains("tell Falcon and Maria \"Mia\" Ünal about Falcon", answer, StringComparison.Ordinal);
        for (var seed = 1; seed < 4; seed++)
        {
            using var stream = await caller.AskAsync(edge, $"{provider}/sim?echo=1&recut={seed}&chunk={seed}", stream: true, text: text);
            Assert.Equal(answer, Caller.Text(await caller.StreamedAsync(stream)));
        }
    }

    [Fact]
    public async Task A_conversation_keeps_its_placeholders_over_its_turns_and_another_tenants_are_never_put_back()
    {
        await using var simulator = await SimulatorHost.StartAsync(cancellationToken: TestContext.Current.CancellationToken);
        await using var edge = await EdgeHost.StartAsync(EdgeHost.Configuration(simulator.BaseUrl, Policy).Replace("keys:\n", "keys:\n  other: { value: gw-test-key-other-00000000000000000000000000000 }\n", StringComparison.Ordinal));
        const string first = """{"role":"user","content":"Falcon is here"}""";
        using var one = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim?tokens=1","messages":[{{first}}]}""");
        var placeholder = JsonNode.Parse(simulator.Received[^1].BodyText)!["messages"]![0]!["content"]!.GetValue<string>().Split(' ')[0];
        using var two = await edge.PostAsync("/v1/chat/completions", $$"""{"model":"sim?tokens=1","messages":[{{first}},{"role":"assistant","content":"hello Falcon"},{"role":"user","content":"and Maria \"Mia\" Ünal, Falcon?"}]}""");
        var messages = JsonNode.Parse(simulator.Received[^1].BodyText)!["messages"]!.AsArray();
        Assert.Equal(($"{placeholder} is here", $"hello {placeholder}"), (messages[0]!["content"]!.GetValue<string>(), messages[1]!["content"]!.GetValue<string>()));
        var second = messages[2]!["content"]!.GetValue<string>();
        Assert.EndsWith($", {placeholder}?", second, StringComparison.Ordinal);
        Assert.DoesNotContain("Ünal", second, StringComparison.Ordinal);

        // What a model says of somebody else's placeholder stays a placeholder.
        var ask = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
        {
            Content = new StringContent($$"""{"model":"sim?echo=1","messages":[{"role":"user","content":"who is {{placeholder}}?"}]}""", System.Text.Encoding.UTF8, "application/json"),
        };
        ask.Headers.Authorization = new("Bearer", "gw-test-key-other-00000000000000000000000000000");
        ask.Headers.Add("x-gateway-session", "s");
        using var other = await edge.Client.SendAsync(ask, TestContext.Current.CancellationToken);
        var text = JsonNode.Parse(await other.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["choices"]![0]!["message"]!["content"]!.GetValue<string>();
        Assert.DoesNotContain("Falcon", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_of_one_tenants_vault_opens_for_another()
    {
        var random = new Random(7);
        var (keys, store) = (new VaultKeys([.. Enumerable.Range(0, 32).Select(static i => (byte)i)]), new MemoryVault(TimeProvider.System));
        string[] tenants = [.. Enumerable.Range(0, 40).Select(i => $"team:{random.Next()}-{i}")];
        var given = new List<(string Tenant, string Name, string Pseudonym, string Original)>();
        foreach (var tenant in tenants)
        {
            foreach (var name in (string[])["a", "b"])
            {
                var id = keys.ConversationId(tenant, name);
                var conversation = new Conversation(keys, tenant, id, await store.LoadAsync(id, TestContext.Current.CancellationToken));
                foreach (var original in (string[])[$"{tenant}@x.example", "same@x.example"])
                {
                    given.Add((tenant, name, conversation.Pseudonym("email", original, realistic: false), original));
                }

                Assert.True(await store.TryAddAsync(id, conversation.New, TestContext.Current.CancellationToken));
            }
        }

        foreach (var (tenant, name, pseudonym, original) in given)
        {
            var id = keys.ConversationId(tenant, name);
            var entries = await store.LoadAsync(id, TestContext.Current.CancellationToken);
            Assert.Equal(original, new Conversation(keys, tenant, id, entries).Pseudonyms.Single(p => p.Key == pseudonym).Value);
            var stranger = tenants[(Array.IndexOf(tenants, tenant) + random.Next(1, tenants.Length)) % tenants.Length];
            Assert.Empty(new Conversation(keys, stranger, id, entries).Pseudonyms);
            Assert.Empty(new Conversation(keys, tenant, keys.ConversationId(tenant, name + "x"), entries).Pseudonyms);
            Assert.All(entries, e => Assert.True(e.Value.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes(original)) < 0));
        }
    }

    [Fact]
    public async Task The_vault_of_an_edge_is_bounded_in_time_and_size_and_gives_no_pseudonym_twice()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch.AddYears(50));
        var store = new MemoryVault(time, TimeSpan.FromHours(1), mostBytes: 20_000);
        Assert.True(await store.TryAddAsync("a", [KeyValuePair.Create("[X_1]", new byte[10])], TestContext.Current.CancellationToken));
        Assert.False(await store.TryAddAsync("a", [KeyValuePair.Create("[X_2]", new byte[10]), KeyValuePair.Create("[X_1]", new byte[10])], TestContext.Current.CancellationToken));
        Assert.Single(await store.LoadAsync("a", TestContext.Current.CancellationToken));
        time.Now += TimeSpan.FromMinutes(61);
        Assert.Empty(await store.LoadAsync("a", TestContext.Current.CancellationToken));
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(await store.TryAddAsync($"c{i}", [KeyValuePair.Create("[X_1]", new byte[100])], TestContext.Current.CancellationToken));
            Assert.InRange(store.Bytes, 0, 20_500);
        }

        Assert.Single(await store.LoadAsync("c999", TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Made_up_values_are_nobodys_and_come_back()
    {
        var keys = new VaultKeys(new byte[32]);
        var conversation = new Conversation(keys, "t", keys.ConversationId("t", "c"), []);
        foreach (var kind in (string[])["email", "person", "phone", "ip_address", "organisation", "iban"])
        {
            var made = Enumerable.Range(0, 120).Select(i => conversation.Pseudonym(kind, $"{kind}-{i}", realistic: true)).ToList();
            Assert.Equal(120, made.Distinct().Count());
            Assert.Equal(made[5], conversation.Pseudonym(kind, $"{kind}-5", realistic: true));
            Assert.All(made, m => Assert.StartsWith(kind + "-", conversation.Pseudonyms.Single(p => p.Key == m).Value, StringComparison.Ordinal));
        }

        Assert.EndsWith("@example.com", conversation.Pseudonym("email", "x@y.z", realistic: true), StringComparison.Ordinal);
    }
}
