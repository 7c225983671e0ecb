using System.Net;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Tests;

/// <summary>Setting behaviour, and what is counted and billed.</summary>
public sealed class ControlTests
{
    [Fact]
    public async Task The_model_name_wins_over_the_script_the_script_over_defaults_and_those_over_options()
    {
        await using var client = await Client.StartAsync(new SimulatorOptions { Behaviour = SimulatorBehaviour.Default with { Tokens = 2 } });
        Assert.Equal(2, await TokensAsync(client, "m"));
        _ = await client.JsonAsync("/control", """{"defaults":{"tokens":3},"script":["tokens=4",{"behaviour":"tokens=5","count":2}]}""");
        var answered = new List<int>();
        foreach (var model in new[] { "m", "m", "m?tokens=6", "m" })
        {
            answered.Add(await TokensAsync(client, model));
        }

        Assert.Equal([4, 5, 6, 3], answered);
        client.Host.Defaults = SimulatorBehaviour.Default with { Tokens = 7 };
        client.Host.Script("status=503");
        using var scripted = await client.PostAsync("/v1/chat/completions", Client.Chat("m"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, scripted.StatusCode);
        Assert.Equal(7, await TokensAsync(client, "m"));
    }

    [Fact]
    public async Task Stats_count_by_path_and_status_with_the_peak_of_concurrency()
    {
        await using var client = await Client.StartAsync();
        var stalled = Enumerable.Range(0, 3).Select(_ => client.PostAsync("/v1/chat/completions", Client.Chat("m?latency=300"))).ToList();
        await Eventually.TrueAsync(() => client.Host.Stats.Active == 3);
        foreach (var task in stalled)
        {
            (await task).Dispose();
        }

        using var failed = await client.PostAsync("/v1/chat/completions", Client.Chat("m?status=500"));
        await Eventually.TrueAsync(() => client.Host.Stats.Active == 0);
        var stats = (await client.GetAsync("/control/stats")).GetProperty("stats");
        Assert.Equal(3, stats.GetProperty("requests").GetProperty("/v1/chat/completions 200").GetInt32());
        Assert.Equal(1, stats.GetProperty("requests").GetProperty("/v1/chat/completions 500").GetInt32());
        Assert.Equal(3, stats.GetProperty("peak").GetInt32());
        Assert.Equal(48, stats.GetProperty("completionTokens").GetInt32());
    }

    [Fact]
    public async Task What_was_received_is_kept_bounded_with_credentials_hashed()
    {
        await using var client = await Client.StartAsync(new SimulatorOptions { KeepReceived = 2 });
        foreach (var model in new[] { "a", "b", "c" })
        {
            _ = await client.ChatAsync(model);
        }

        Assert.Equal([Client.Chat("b"), Client.Chat("c")], client.Host.Received.Select(r => r.BodyText));
        var last = client.Host.Received[^1];
        Assert.Equal(("POST", "/v1/chat/completions"), (last.Method, last.Path));
        Assert.Equal(SimulatorHost.Redact("Bearer sk-secret"), last.Headers["authorization"]);
        Assert.DoesNotContain("sk-secret", (await client.GetAsync("/control/stats")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bill_names_each_answer_by_its_request_id()
    {
        await using var client = await Client.StartAsync();
        using var plain = await client.PostAsync("/v1/chat/completions", Client.Chat("a?tokens=4"));
        _ = await client.TextAsync(Client.Streamed("b?tokens=5"));
        _ = await client.RawAsync(Client.Streamed("b?tokens=50&endAfter=3"), t => t.EndsWith("0\r\n\r\n", StringComparison.Ordinal));
        await Eventually.TrueAsync(() => client.Host.Bill.Lines.Count == 3);
        var bill = client.Host.Bill;
        Assert.Equal(new Control.BillLine(plain.Headers.GetValues("x-request-id").Single(), "a", 3, 4), bill.Lines[0]);
        Assert.Equal([new Control.ModelTotal("a", 1, 3, 4), new Control.ModelTotal("b", 2, 6, 7)], bill.Models);
        Assert.Equal(3, (await client.GetAsync("/control/bill")).GetProperty("lines").GetArrayLength());
    }

    [Fact]
    public async Task Reset_forgets_everything()
    {
        await using var client = await Client.StartAsync();
        client.Host.Defaults = SimulatorBehaviour.Default with { Status = 500 };
        client.Host.Script("status=429", 5);
        _ = await client.ChatAsync("m");
        await client.DeleteAsync("/control");
        Assert.Equal(16, await TokensAsync(client, "m"));
        _ = Assert.Single(client.Host.Received);
        Assert.Equal([new Control.ModelTotal("m", 1, 3, 16)], client.Host.Bill.Models);
    }

    [Fact]
    public async Task Bad_knobs_and_bad_requests_are_explained()
    {
        await using var client = await Client.StartAsync();
        Assert.Contains("the knobs are: seed, tokens", await client.TextAsync(Client.Chat("m?tokes=3")), StringComparison.Ordinal);
        Assert.Contains("`status` takes", await client.TextAsync(Client.Chat("m?status=200")), StringComparison.Ordinal);
        Assert.Contains("could not parse", await client.TextAsync("{\"model\":"), StringComparison.Ordinal);
        Assert.Contains("must provide a model", await client.TextAsync("{}"), StringComparison.Ordinal);
        Assert.Contains("Invalid URL", await client.TextAsync("{}", "/v1/nothing"), StringComparison.Ordinal);
        Assert.Contains("Unknown property `x`", await client.TextAsync("{\"x\":1}", "/control"), StringComparison.Ordinal);
        _ = Assert.Throws<ArgumentException>(() => client.Host.Script("nonsense"));
    }

    [Fact]
    public async Task A_key_is_demanded_when_one_is_set()
    {
        await using var wrong = await Client.StartAsync(new SimulatorOptions { ApiKey = "sk-other" });
        Assert.Contains("invalid_api_key", await wrong.TextAsync(Client.Chat("m")), StringComparison.Ordinal);
        await using var right = await Client.StartAsync(new SimulatorOptions { ApiKey = "sk-secret" });
        Assert.Equal(16, await TokensAsync(right, "m"));
    }

    [Fact]
    public void The_command_line_sets_options_and_knobs_and_its_help_names_all()
    {
        var (options, _) = CommandLine.Parse(["--port", "0", "--seed", "7", "--latency", "5", "--keep", "9", "--models", "x, y"]);
        Assert.Equal((0, 7, 5, 9), (options!.Port, options.Behaviour.Seed, options.Behaviour.LatencyMs, options.KeepReceived));
        Assert.Equal(["x", "y"], options.Models);
        Assert.Contains("Unknown simulator knob `nope`", CommandLine.Parse(["--nope", "1"]).Error, StringComparison.Ordinal);
        Assert.Equal((null, null), CommandLine.Parse(["--help"]));
        Assert.All(BehaviourKnobs.Help, k => Assert.Contains("  " + k.Name + " ", CommandLine.Help, StringComparison.Ordinal));
    }

    private static async Task<int> TokensAsync(Client client, string model)
        => (await client.ChatAsync(model)).GetProperty("usage").GetProperty("completion_tokens").GetInt32();
}
