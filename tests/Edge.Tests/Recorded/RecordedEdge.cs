using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.ControlPlane;
using Gateway.Edge.Configuration;
using Gateway.Edge.Providers;
using Gateway.Edge.StoredObjects;
using Gateway.LlmSimulator;
using Gateway.Recordings;
using Gateway.Recordings.Meanings;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.Edge.Tests.Recorded;

/// <summary>The real edge in front of a provider that answers with recordings, cut at random places.</summary>
internal sealed partial class RecordedEdge : IAsyncDisposable
{
    private readonly EdgeHost _edge;

    private RecordedEdge(EdgeHost edge) => _edge = edge;

    /// <summary>Starts an edge whose one provider speaks <paramref name="dialect"/>.</summary>
    public static async Task<RecordedEdge> StartAsync(SimulatorHost simulator, DialectId dialect)
    {
        var yaml = $$"""
            version: 1
            autoProviders: false
            demo: false
            providers:
              recorded: { baseUrl: "{{simulator.BaseUrl}}", apiKey: sk-provider-secret-1234567890 }
            deployments:
              recorded: { provider: recorded, model: "replay*", price: { version: test, inputPerMillion: 1, outputPerMillion: 2 } }
            routes:
              "replay*": { maxAttempts: 1, targets: [ { deployment: recorded } ] }
            keys:
              main: { value: {{EdgeHost.Key}} }
            """;
        var edge = await EdgeHost.StartAsync(yaml);
        var snapshot = GatewayFile.Load(edge.ConfigFile).Snapshot!;
        var problems = edge.Services.GetRequiredService<ISnapshotSink>().Apply(snapshot with { Version = snapshot.Version + 1, Providers = [Provider(dialect, simulator.RootUrl)] });
        Assert.Empty(problems);
        return new RecordedEdge(edge);
    }

    /// <summary>Whether the edge can be a client of a provider of that dialect.</summary>
    public static bool CanCall(DialectId dialect)
    {
        try
        {
            return ProviderAdapters.Create(Provider(dialect, "http://localhost")).ChatDialect(dialect, "replay-1") == dialect;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Asks in a caller's dialect for a recording.</summary>
    /// <returns>Status, body, and whether the connection broke before the body's end.</returns>
    public async Task<(int Status, byte[] Body, bool Broken)> AskAsync(Recording recording, int number, DialectId caller)
    {
        var model = string.Create(CultureInfo.InvariantCulture, $"replay-{number}-{number + (int)caller}");
        using var request = new HttpRequestMessage(HttpMethod.Post, Path(caller, model, recording.IsStream)) { Content = new StringContent(Body(caller, model, recording.IsStream), Encoding.UTF8, "application/json") };
        if (caller == DialectId.Anthropic)
        {
            request.Headers.Add("anthropic-version", "2023-06-01");
        }

        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", EdgeHost.Key);
        using var response = await _edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        await using var content = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        using var body = new MemoryStream();
        try
        {
            await content.CopyToAsync(body, TestContext.Current.CancellationToken);
            return ((int)response.StatusCode, WithRawIds(body), false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return ((int)response.StatusCode, WithRawIds(body), true);
        }
    }

    /// <summary>The answer with the provider's ids of stored responses, which is all that may differ in the same dialect.</summary>
    private byte[] WithRawIds(MemoryStream body)
    {
        var ids = _edge.Services.GetRequiredService<ObjectIds>();
        return Encoding.Latin1.GetBytes(WrappedId().Replace(Encoding.Latin1.GetString(body.ToArray()), m => ids.TryUnwrap(m.Value, ResponseIds.Prefix, "key:main", out var reference) ? reference.RawId : m.Value));
    }

    [GeneratedRegex("resp_gw[A-Za-z0-9_-]+")]
    private static partial Regex WrappedId();

    /// <summary>What the answer lost on its way through the edge; empty when nothing.</summary>
    public async Task<IReadOnlyList<string>> DifferencesAsync(Recording recording, int number, DialectId caller)
    {
        var (status, body, broken) = await AskAsync(recording, number, caller);
        if (status != recording.Status)
        {
            return [$"status {recording.Status} became {status} {Encoding.UTF8.GetString(body)[..Math.Min(body.Length, 160)]}"];
        }

        if (recording.DialectId == caller && (body.AsSpan().SequenceEqual(recording.ResponseBody.Span) || IsTerminatedFor(caller, recording, body)))
        {
            return [];
        }

        try
        {
            var given = MeaningReader.Of(recording);
            if (!given.IsComplete && given.Error is null && (broken || recording.DialectId == caller))
            {
                // What the provider broke off is broken off for the caller, or told to be.
                return broken || !MeaningReader.Read(caller, recording.IsStream, status, body).IsComplete ? [] : ["a cut stream looks complete"];
            }

            if (broken && given.Error is null)
            {
                return ["the connection broke"];
            }

            // What looks like a starred key is taken out of a provider's words.
            given = given with { Error = given.Error is { } words ? StarredKey().Replace(words, "[redacted]") : null };

            var found = MeaningDifference.Between(given, MeaningReader.Read(caller, recording.IsStream, status, body), caller, recording.IsStream);
            return recording.DialectId == caller && !recording.IsError ? [.. found, "bytes differ in the same dialect"] : found;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            return ["cannot be read: " + e.Message];
        }
    }

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    /// <summary>True for a stream whose last event has a form of its own in place of the terminator that clients wait for: the edge adds that.</summary>
    private static bool IsTerminatedFor(DialectId caller, Recording recording, ReadOnlySpan<byte> body)
    {
        var recorded = recording.ResponseBody.Span;
        return caller == DialectId.OpenAIChat && recording.IsStream && recorded.IndexOf("chat.completion.done"u8) >= 0 && recorded.IndexOf("[DONE]"u8) < 0
            && body.StartsWith(recorded) && body[recorded.Length..].SequenceEqual("data: [DONE]\n\n"u8);
    }

    [GeneratedRegex(@"\S*\*{3,}\S*")]
    private static partial Regex StarredKey();

    private static ProviderEntry Provider(DialectId dialect, string root) => new()
    {
        Id = "recorded",
        Kind = dialect switch
        {
            DialectId.Anthropic => ProviderKind.Anthropic,
            DialectId.Gemini => ProviderKind.Gemini,
            DialectId.BedrockConverse => ProviderKind.Bedrock,
            DialectId.Cohere => ProviderKind.Cohere,
            _ => ProviderKind.OpenAI,
        },
        BaseUrl = root + (dialect switch { DialectId.Gemini => "/v1beta", DialectId.BedrockConverse => "", DialectId.Cohere => "/v2", _ => "/v1" }),
        NativeResponses = dialect == DialectId.OpenAIResponses,
        Normalize = false,
        Region = "us-east-1",
    };

    private static string Path(DialectId caller, string model, bool stream) => caller switch
    {
        DialectId.OpenAIChat => "/v1/chat/completions",
        DialectId.OpenAICompletions => "/v1/completions",
        DialectId.OpenAIResponses => "/v1/responses",
        DialectId.Anthropic => "/v1/messages",
        DialectId.Gemini => $"/v1beta/models/{model}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}",
        DialectId.BedrockConverse => $"/model/{model}/{(stream ? "converse-stream" : "converse")}",
        _ => "/v2/chat",
    };

    private static string Body(DialectId caller, string model, bool stream)
    {
        var head = $"\"model\":\"{model}\"" + (stream ? ",\"stream\":true" : "");
        return caller switch
        {
            DialectId.OpenAIChat => $$"""{{{head}}{{(stream ? ",\"stream_options\":{\"include_usage\":true}" : "")}},"messages":[{"role":"user","content":"hello"}]}""",
            DialectId.OpenAICompletions => $$"""{{{head}}{{(stream ? ",\"stream_options\":{\"include_usage\":true}" : "")}},"prompt":"hello"}""",
            DialectId.OpenAIResponses => $$"""{{{head}},"input":"hello"}""",
            DialectId.Gemini => """{"contents":[{"role":"user","parts":[{"text":"hello"}]}]}""",
            DialectId.BedrockConverse => """{"messages":[{"role":"user","content":[{"text":"hello"}]}]}""",
            _ => $$"""{{{head}},"max_tokens":1000,"messages":[{"role":"user","content":"hello"}]}""",
        };
    }
}
