using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Gateway.Cli.Commands;

/// <summary><c>gateway cache</c>: loads the semantic cache. It talks to the cache service itself, which only operators can reach.</summary>
internal static class CacheCommands
{
    private const string OpenAiChat = "OpenAIChat";
    private const int RefusalsShown = 20;
    private static readonly string[] Facts = ["scope", "team", "customer", "route", "model"];

    public static Command Make(SharedOptions shared)
    {
        var file = new Argument<string>("file") { Description = "Lines of JSON: {\"question\":…,\"answer\":…}, or {\"question\":…,\"body\":{…}} with a whole answer of the dialect." };
        var service = new Option<string?>("--service") { Description = "Address of the cache service; else GATEWAY_CACHE_URL." };
        var like = new Option<string?>("--like") { Description = "Id of an entry (answers name it in a header): its partition, dialect, scope, route and model are taken." };
        var partition = new Option<string?>("--partition") { Description = "Partition, 64 hex digits, instead of --like." };
        var dialect = new Option<string>("--dialect") { Description = "With --partition: dialect of the answers.", DefaultValueFactory = static _ => OpenAiChat };
        var ttl = new Option<int>("--ttl") { Description = "Seconds that entries are kept.", DefaultValueFactory = static _ => 86_400 };
        var warm = new Command("warm", "Loads question-answer pairs into the semantic cache. The internal token is read from GATEWAY_INTERNAL_TOKEN, else from .gateway/internal.token.")
        {
            file, service, like, partition, dialect, ttl,
        };
        warm.SetAction(async (parsed, cancellation) =>
        {
            using var client = Client(shared, parsed.GetValue(service));
            var template = await TemplateAsync(client, parsed.GetValue(like), parsed.GetValue(partition), parsed.GetValue(dialect)!, cancellation).ConfigureAwait(false);
            template["ttlSeconds"] = parsed.GetValue(ttl);
            return await WarmAsync(shared, parsed, client, template, parsed.GetValue(file)!, cancellation).ConfigureAwait(false);
        });
        return new Command("cache", "The semantic cache.") { warm };
    }

    private static async Task<int> WarmAsync(SharedOptions shared, ParseResult parsed, HttpClient client, JsonObject template, string file, CancellationToken cancellation)
    {
        var (line, stored, refused) = (0, 0, 0);
        await foreach (var text in File.ReadLinesAsync(file, cancellation).ConfigureAwait(false))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            var answer = JsonNode.Parse(await SendAsync(client, HttpMethod.Post, "v1/store", Entry(template, text, line), cancellation).ConfigureAwait(false))!.AsObject();
            if (answer["stored"]!.GetValue<bool>())
            {
                stored++;
            }
            else if (refused++ < RefusalsShown)
            {
                await shared.Errors.WriteLineAsync($"line {line}: not stored, {answer["reason"]?.GetValue<string>()}").ConfigureAwait(false);
            }
        }

        var result = new JsonObject { ["stored"] = stored, ["refused"] = refused };
        shared.Show(parsed, result, [result], "stored", "refused");
        return refused == 0 ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static JsonObject Entry(JsonObject template, string text, int line)
    {
        JsonObject pair;
        try
        {
            pair = JsonNode.Parse(text)?.AsObject() ?? throw new CliException($"Line {line} is null.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CliException($"Line {line} is no JSON object.");
        }

        var question = Text(pair, "question") ?? throw new CliException($"Line {line} has no \"question\".");
        var said = Text(pair, "answer");
        var entry = template.DeepClone().AsObject();
        var answer = entry["answer"]!.AsObject();
        var body = pair["body"] is JsonObject whole ? whole.ToJsonString()
            : said is null ? throw new CliException($"Line {line} has neither \"answer\" nor \"body\".")
            : answer["dialect"]!.GetValue<string>() == OpenAiChat ? Chat(entry, said)
            : throw new CliException($"Line {line} has only \"answer\": for this dialect it must have the whole \"body\".");
        entry["text"] = question;
        answer["body"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(body));
        answer["text"] = said;
        return entry;
    }

    private static string Chat(JsonObject entry, string answer) => new JsonObject
    {
        ["id"] = "chatcmpl-warmed",
        ["object"] = "chat.completion",
        ["created"] = 0,
        ["model"] = entry["facts"]?["model"]?.DeepClone() ?? "",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0,
            ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = answer },
            ["finish_reason"] = "stop",
        }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 0, ["completion_tokens"] = 0, ["total_tokens"] = 0 },
    }.ToJsonString();

    private static async Task<JsonObject> TemplateAsync(HttpClient client, string? like, string? partition, string dialect, CancellationToken cancellation)
    {
        if ((like is null) == (partition is null))
        {
            throw new CliException("Say where the answers belong: --like with the id of an entry, or --partition.");
        }

        var facts = new JsonObject { ["tags"] = new JsonArray("warmed") };
        if (like is null)
        {
            return new JsonObject { ["partition"] = partition, ["facts"] = facts, ["answer"] = new JsonObject { ["dialect"] = dialect } };
        }

        var entry = JsonNode.Parse(await SendAsync(client, HttpMethod.Get, $"v1/entries/{Uri.EscapeDataString(like)}", null, cancellation).ConfigureAwait(false))!.AsObject();
        foreach (var fact in Facts)
        {
            if (entry["facts"]?[fact] is { } value)
            {
                facts[fact] = value.DeepClone();
            }
        }

        return new JsonObject
        {
            ["partition"] = entry["partition"]!.DeepClone(),
            ["facts"] = facts,
            ["answer"] = new JsonObject { ["dialect"] = entry["answer"]!["dialect"]!.DeepClone() },
        };
    }

    private static HttpClient Client(SharedOptions shared, string? service)
    {
        var url = service ?? shared.Environment("GATEWAY_CACHE_URL") ?? throw new CliException("Say where the cache service is: --service, or GATEWAY_CACHE_URL.");
        if (!Uri.TryCreate(url.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CliException($"'{url}' is no address: it must begin with http:// or https://.");
        }

        var file = Path.Combine(".gateway", "internal.token");
        var token = shared.Environment("GATEWAY_INTERNAL_TOKEN") ?? (File.Exists(file) ? File.ReadAllText(file).Trim() : null)
            ?? throw new CliException($"The internal token is needed: set GATEWAY_INTERNAL_TOKEN, or run where {file} is.");
        var client = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromMinutes(2) };
        client.DefaultRequestHeaders.TryAddWithoutValidation("x-gateway-internal-token", token);
        return client;
    }

    private static async Task<string> SendAsync(HttpClient client, HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        try
        {
            using var response = await client.SendAsync(request, cancellation).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? text : throw new CliException(string.Create(CultureInfo.InvariantCulture, $"The cache service refused with {(int)response.StatusCode}: {text}"));
        }
        catch (HttpRequestException e)
        {
            throw new CliException($"The cache service does not answer: {e.Message}", ExitCodes.Unreachable);
        }
    }

    private static string? Text(JsonObject item, string field) => item[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
