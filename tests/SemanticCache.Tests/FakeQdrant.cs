using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.SemanticCache.Tests;

/// <summary>
/// A small Qdrant: what the cache asks of one, in the shapes of the recordings, and on demand a recorded answer word for word.
/// </summary>
internal sealed class FakeQdrant : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly Dictionary<string, Dictionary<string, JsonObject>> collections = new(StringComparer.Ordinal);
    private readonly Queue<(int Status, string Body)> next = new();

    private FakeQdrant(WebApplication app) => this.app = app;

    public Uri Address { get; private set; } = null!;

    public bool Slow { get; set; }

    /// <summary>As before 1.10, which has no <c>points/query</c>.</summary>
    public bool Old { get; set; }

    public int Requests { get; private set; }

    public static string? RecordingPath() =>
        Path.Combine(SourceTree.SharedData, "qdrant", "qdrant-rest.jsonl") is var path && File.Exists(path) ? path : null;

    public static async Task<FakeQdrant> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeQdrant(app);
        app.Run(fake.AnswerAsync);
        await app.StartAsync();
        fake.Address = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return fake;
    }

    /// <summary>The next request gets the recorded answer of this case.</summary>
    public void Replay(string recordedCase)
    {
        // One recorded request has a body that is no JSON, and says so in the file.
        foreach (var line in File.ReadLines(RecordingPath()!).Where(l => l.StartsWith($"{{\"case\": \"{recordedCase}\",", StringComparison.Ordinal)))
        {
            using var json = JsonDocument.Parse(line);
            var response = json.RootElement.GetProperty("response");
            next.Enqueue((response.GetProperty("status").GetInt32(), response.GetProperty("body_raw").GetString() ?? ""));
            return;
        }

        throw new ArgumentException($"There is no recorded case {recordedCase}.", nameof(recordedCase));
    }

    /// <summary>Values of the vectors that its collections are said to have.</summary>
    public int Size { get; set; } = 384;

    /// <summary>All data gone, as after a server that was set up anew.</summary>
    public void Wipe() => collections.Clear();

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Requests++;
        if (Slow)
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default);
            return;
        }

        if (next.TryDequeue(out var recorded))
        {
            await WriteAsync(context, recorded.Status, recorded.Body);
            return;
        }

        var body = context.Request.ContentLength > 0 ? await JsonNode.ParseAsync(context.Request.Body) : null;
        var parts = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (status, answer) = Handle(context.Request.Method, parts, body);
        await WriteAsync(context, status, answer);
    }

    private static Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    private (int Status, string Body) Handle(string method, string[] parts, JsonNode? body)
    {
        lock (collections)
        {
            var name = parts.Length > 1 ? parts[1] : "";
            if (parts.Length == 2 && method == "PUT")
            {
                return collections.TryAdd(name, []) ? Ok("true") : (409, """{"status":{"error":"Wrong input: Collection already exists!"},"time":0}""");
            }

            if (!collections.TryGetValue(name, out var points))
            {
                return (404, $$"""{"status":{"error":"Not found: Collection `{{name}}` doesn't exist!"},"time":0}""");
            }

            return (method, string.Join('/', parts.Skip(2))) switch
            {
                ("GET", "") => Ok("""{"status":"green","points_count":0,"config":{"params":{"vectors":{"size":SIZE,"distance":"Cosine"}}}}""".Replace("SIZE", Size.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)),
                ("PUT", "index") => Done,
                ("PUT", "points") => Upsert(points, body!),
                ("POST", "points") => Ok(List(body!["ids"]!.AsArray().Select(i => points.GetValueOrDefault(i!.GetValue<string>())).OfType<JsonObject>())),
                ("POST", "points/query") when !Old => Ok($$"""{"points":{{Search(points, body!, "query")}}}"""),
                ("POST", "points/search") => Ok(Search(points, body!, "vector")),
                ("POST", "points/scroll") => Scroll(points, body!),
                ("POST", "points/count") => Ok($$"""{"count":{{points.Count}}}"""),
                ("POST", "points/delete") => Delete(points, body!),
                _ => (404, ""),
            };
        }
    }

    private static (int Status, string Body) Done => Ok("""{"operation_id":1,"status":"completed"}""");

    private static (int Status, string Body) Ok(string result) => (200, $$"""{"result":{{result}},"status":"ok","time":0.001}""");

    private static string List(IEnumerable<JsonObject> points) => "[" + string.Join(',', points.Select(static p => p.ToJsonString())) + "]";

    private static (int Status, string Body) Upsert(Dictionary<string, JsonObject> points, JsonNode body)
    {
        foreach (var point in body["points"]!.AsArray())
        {
            points[point!["id"]!.GetValue<string>()] = point.DeepClone().AsObject();
        }

        return Done;
    }

    private static (int Status, string Body) Delete(Dictionary<string, JsonObject> points, JsonNode body)
    {
        foreach (var id in body["points"]!.AsArray())
        {
            points.Remove(id!.GetValue<string>());
        }

        return Done;
    }

    private static string Search(Dictionary<string, JsonObject> points, JsonNode body, string member)
    {
        var question = body[member]!.AsArray().Select(static v => v!.GetValue<float>()).ToArray();
        return List(points.Values.Where(p => Matches(p, body["filter"]))
            .Select(p => (Point: p, Score: p["vector"]!.AsArray().Zip(question, static (v, q) => v!.GetValue<float>() * q).Sum()))
            .OrderByDescending(static p => p.Score).Take(body["limit"]!.GetValue<int>())
            .Select(static p =>
            {
                var scored = p.Point.DeepClone().AsObject();
                scored["score"] = p.Score;
                scored["version"] = 1;
                return scored;
            }));
    }

    private static (int Status, string Body) Scroll(Dictionary<string, JsonObject> points, JsonNode body)
    {
        var offset = body["offset"]?.GetValue<string>();
        var limit = body["limit"]!.GetValue<int>();
        var found = points.Values.Where(p => Matches(p, body["filter"])).OrderBy(static p => p["id"]!.GetValue<string>(), StringComparer.Ordinal)
            .Where(p => offset is null || string.CompareOrdinal(p["id"]!.GetValue<string>(), offset) >= 0).Take(limit + 1).ToList();
        var next = found.Count > limit ? found[limit]["id"]!.ToJsonString() : "null";
        return Ok($$"""{"points":{{List(found.Take(limit))}},"next_page_offset":{{next}}}""");
    }

    private static bool Matches(JsonObject point, JsonNode? filter)
    {
        foreach (var condition in filter?["must"]?.AsArray() ?? [])
        {
            var value = point["payload"]![condition!["key"]!.GetValue<string>()];
            if (condition["match"]?["value"]?.GetValue<string>() is { } wanted
                && !(value is JsonArray list ? list.Any(v => v!.GetValue<string>() == wanted) : value?.GetValue<string>() == wanted))
            {
                return false;
            }

            if (condition["range"] is { } range
                && ((range["gt"]?.GetValue<long>() is { } gt && !(value!.GetValue<long>() > gt)) || (range["lte"]?.GetValue<long>() is { } lte && !(value!.GetValue<long>() <= lte))))
            {
                return false;
            }
        }

        return true;
    }
}
