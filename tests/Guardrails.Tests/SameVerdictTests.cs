using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Gateway.Contracts;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Guardrails;
using Gateway.Guardrails.Engine.Tests;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;
using Gateway.Guardrails.Engine.Streams;
using Gateway.Tests;

namespace Gateway.Guardrails.Tests;

/// <summary>
/// The service and the engine in process over thousands of real texts: sentences with personal data, prompts with and without injections, results of tools as JSON. What the service makes of a text, an edge
/// lets through of it when it comes in pieces.
/// </summary>
public sealed class SameVerdictTests : IAsyncLifetime
{
    private const int Most = 500;

    private ServiceProcess service = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => service = await ServiceProcess.StartAsync("Gateway.Guardrails");

    public ValueTask DisposeAsync() => service.DisposeAsync();

    [Theory]
    [InlineData(GuardrailScope.Input)]
    [InlineData(GuardrailScope.Output)]
    [InlineData(GuardrailScope.Mcp)]
    public async Task Over_real_texts_both_give_the_same_verdicts_whole_and_streamed(GuardrailScope place)
    {
        Assert.SkipUnless(SharedData.IsPresent, "no shared data");
        GuardrailRuleEntry Rule(string detector, GuardrailAction action) => new() { Detector = detector, Action = action, Scopes = [place] };
        GuardrailPolicyEntry[] entries =
        [
            new() { Id = "changes", Order = 1, TimeoutMilliseconds = 60_000, Rules = [Rule("secrets", GuardrailAction.Redact), Rule("pii", GuardrailAction.Mask), Rule("urls", GuardrailAction.Redact)] },
            new() { Id = "blocks", Order = 2, TimeoutMilliseconds = 60_000, Rules = [Rule("injection", GuardrailAction.Block), Rule("moderation", GuardrailAction.Flag)] },
            new() { Id = "tells", Order = 3, TimeoutMilliseconds = 60_000, Mode = GuardrailMode.Shadow, Rules = [Rule("code", GuardrailAction.Block), Rule("language", GuardrailAction.Flag) with { Allow = ["en"] }] },
        ];
        var policies = entries.Select(static e => PolicyCompiler.Compile(e).Policy ?? throw new InvalidOperationException(PolicyCompiler.Compile(e).Problems[0].Message)).ToList();
        var references = await RegisterAsync(entries);
        var random = new Random(7);
        var (blocked, changed, found) = (0, 0, 0);
        foreach (var chunk in Corpus(random).Chunk(400))
        {
            // Each text for itself: a verdict is about all texts of a check. A batch goes at once.
            var answers = await Task.WhenAll(chunk.Chunk(1).Select(t => CheckAsync(new GuardCheckRequest { Direction = GuardDirection.Input, Items = [new() { Text = t[0].Text, Place = place, Source = "tool", IsJson = t[0].IsJson }], Policies = references })));
            for (var i = 0; i < chunk.Length; i++)
            {
                var (text, isJson) = chunk[i];
                var expected = GuardEngine.Check([new GuardText(text, place) { Source = GuardSource.Tool, IsJson = isJson }], new PolicySet(policies));
                var whole = answers[i].Changed.Count > 0 ? answers[i].Changed[0].Text : text;
                Assert.Equal(((int)expected.Verdict, (int)expected.ShadowVerdict, expected.Texts[0].Text), ((int)answers[i].Verdict, (int)(answers[i].ShadowVerdict ?? answers[i].Verdict), whole));
                Assert.Equal(expected.Findings.Select(static f => (f.Policy, f.Rule, f.Kind, f.Start, f.Length)), answers[i].Findings.Select(static f => (f.Policy, f.Rule, f.Kind, f.Start, f.Length)));
                Assert.All(answers[i].Notes, static n => Assert.Null(n.Failure));
                (blocked, changed, found) = (blocked + (expected.Verdict == GuardVerdict.Block ? 1 : 0), changed + (expected.IsChanged ? 1 : 0), found + expected.Findings.Count);
                var (streamed, isStopped) = Streamed(new PolicySet(policies), text, place, isJson, random);
                Assert.True(isStopped == (answers[i].Verdict == GuardCheckVerdict.Block), text);
                Assert.True(isStopped || streamed == whole, $"{streamed}\n{whole}\nof {text}");
            }
        }

        Assert.True(blocked > 50 && changed > 100 && found > 500, $"{blocked} blocked, {changed} changed, {found} found: the corpus tells nothing");
    }

    private static (string Text, bool IsStopped) Streamed(PolicySet policies, string text, GuardrailScope place, bool isJson, Random random)
    {
        using var guard = new StreamGuard(policies, place, GuardSource.Tool, isJson: isJson);
        var released = new StringBuilder();
        for (var at = 0; at < text.Length;)
        {
            var length = Math.Min(random.Next(1, 40), text.Length - at);
            released.Append(guard.Push(text.AsSpan(at, length)));
            at += length;
        }

        released.Append(guard.Complete());
        return (released.ToString(), guard.IsStopped);
    }

    private static IEnumerable<(string Text, bool IsJson)> Corpus(Random random)
    {
        using var sentences = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Root, "pii", "presidio-research", "generated_small.json")));
        using var prompts = JsonDocument.Parse(File.ReadAllText(Path.Combine(SharedData.Root, "injection", "piguard", "valid.json")));
        List<string> texts =
        [
            .. sentences.RootElement.EnumerateArray().Select(static s => s.GetProperty("full_text").GetString()!),
            .. prompts.RootElement.EnumerateArray().Select(static p => p.GetProperty("prompt").GetString()!),
            .. File.ReadLines(Path.Combine(SharedData.Root, "injection", "mixed", "train.jsonl")).Select(static l => JsonElement.Parse(l).GetProperty("text").GetString()!),
        ];
        Assert.True(texts.Count > Most, $"only {texts.Count} texts");
        foreach (var text in texts.OrderBy(_ => random.Next()).Take(Most))
        {
            var isJson = random.Next(4) == 0;
            var cut = text.Length <= 4_000 ? text : text[..4_000];
            yield return (isJson ? JsonSerializer.Serialize(new Dictionary<string, object> { ["n"] = 1, ["text"] = cut, ["deep"] = new[] { cut } }) : cut, isJson);
        }
    }

    private async Task<IReadOnlyList<string>> RegisterAsync(IReadOnlyList<GuardrailPolicyEntry> entries)
    {
        using var response = await service.Client.PostAsJsonAsync("/v1/policies", new GuardPoliciesRequest { Policies = entries }, ContractsJson.Default.GuardPoliciesRequest, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return [.. (await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardPoliciesResponse, Cancel))!.Policies.Select(static p => p.Reference)];
    }

    private async Task<GuardCheckResponse> CheckAsync(GuardCheckRequest request)
    {
        using var response = await service.Client.PostAsJsonAsync("/v1/check", request, ContractsJson.Default.GuardCheckRequest, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return (await response.Content.ReadFromJsonAsync(ContractsJson.Default.GuardCheckResponse, Cancel))!;
    }
}
