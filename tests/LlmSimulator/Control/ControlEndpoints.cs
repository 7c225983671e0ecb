using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gateway.LlmSimulator.Answers;
using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Control;

/// <summary>Everything that is not a model request: the list of models, the control endpoint, and errors.</summary>
internal sealed class ControlEndpoints(SimulatorOptions options, ControlState control, Ledger ledger)
{
    private const int MaxControlBytes = 1 << 20;
    private const int MaxScripted = 1_000_000;

    public Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var get = HttpMethods.IsGet(context.Request.Method);
        switch (path)
        {
            case "/v1/models" when get:
                ledger.Count(path, StatusCodes.Status200OK);
                return SendAsync(context, ModelList());
            case var p when get && p.StartsWith("/v1/models/", StringComparison.Ordinal):
                var found = options.Models.Contains(p["/v1/models/".Length..], StringComparer.Ordinal);
                ledger.Count("/v1/models/{model}", found ? StatusCodes.Status200OK : StatusCodes.Status404NotFound);
                return found ? SendAsync(context, ModelEntry(new Utf8Buffer(), p["/v1/models/".Length..])) : WriteErrorAsync(context, StatusCodes.Status404NotFound, null);
            case "/control/stats" when get:
                var received = ledger.Received().Select(r => new ReceivedHead(r.RequestId, r.Method, r.Path, r.Headers, r.Body.Length)).ToList();
                return SendAsync(context, new StatsDocument(ledger.Stats(), control.Scripted, received), ControlJson.Default.StatsDocument);
            case "/control/bill" when get:
                return SendAsync(context, ledger.Bill(), ControlJson.Default.SimulatorBill);
            case "/control" when HttpMethods.IsPost(context.Request.Method):
                return ConfigureAsync(context);
            case "/control" when HttpMethods.IsDelete(context.Request.Method):
                control.Reset();
                ledger.Reset();
                return SendAsync(context, new ControlDocument(0), ControlJson.Default.ControlDocument);
            default:
                return RefuseAsync(context, StatusCodes.Status404NotFound, $"Invalid URL ({context.Request.Method} {path})");
        }
    }

    public Task RefuseAsync(HttpContext context, int status, string message)
    {
        ledger.Count("(other)", status);
        return WriteErrorAsync(context, status, message);
    }

    private static Task WriteErrorAsync(HttpContext context, int status, string? message)
    {
        context.Response.StatusCode = status;
        return SendAsync(context, ErrorAnswer.Write(status, null, message));
    }

    private async Task ConfigureAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        if (context.Request.ContentLength > MaxControlBytes)
        {
            await WriteErrorAsync(context, StatusCodes.Status413PayloadTooLarge, "A control document is at most 1 MiB.").ConfigureAwait(false);
            return;
        }

        await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
        if (TryConfigure(body.ToArray(), out var error))
        {
            await SendAsync(context, new ControlDocument(control.Scripted), ControlJson.Default.ControlDocument).ConfigureAwait(false);
        }
        else
        {
            await WriteErrorAsync(context, StatusCodes.Status400BadRequest, error).ConfigureAwait(false);
        }
    }

    /// <summary>All or nothing: <c>{"defaults": behaviour, "script": [behaviour or {"behaviour": behaviour, "count": n}]}</c>, a behaviour being a query or an object of knobs.</summary>
    private bool TryConfigure(ReadOnlyMemory<byte> json, [NotNullWhen(false)] out string? error)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var defaults = control.Defaults;
            var script = new List<(string Knobs, int Count)>();
            foreach (var property in document.RootElement.EnumerateObject())
            {
                switch (property.Name)
                {
                    case "defaults":
                        if (!BehaviourKnobs.TryApply(options.Behaviour, Knobs(property.Value), out var changed, out error))
                        {
                            return false;
                        }

                        defaults = changed;
                        break;
                    case "script":
                        foreach (var entry in property.Value.EnumerateArray())
                        {
                            var counted = entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("behaviour", out _);
                            var knobs = Knobs(counted ? entry.GetProperty("behaviour") : entry);
                            var count = counted && entry.TryGetProperty("count", out var n) ? n.GetInt32() : 1;
                            if (count is < 1 or > MaxScripted)
                            {
                                error = $"`count` is from 1 to {MaxScripted}.";
                                return false;
                            }

                            if (!BehaviourKnobs.TryApply(defaults, knobs, out _, out error))
                            {
                                return false;
                            }

                            script.Add((knobs, count));
                        }

                        break;
                    default:
                        error = $"Unknown property `{property.Name}`; the properties are: defaults, script.";
                        return false;
                }
            }

            control.Defaults = defaults;
            script.ForEach(s => control.Enqueue(s.Knobs, s.Count));
            error = null;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            error = "Not a control document: " + e.Message;
            return false;
        }
    }

    private static string Knobs(JsonElement behaviour) => behaviour.ValueKind == JsonValueKind.String
        ? behaviour.GetString()!
        : string.Join('&', behaviour.EnumerateObject().Select(p => p.Name + "=" + Uri.EscapeDataString(p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : p.Value.GetRawText())));

    private byte[] ModelList()
    {
        var buffer = new Utf8Buffer();
        _ = buffer.Add("{\"object\":\"list\",\"data\":["u8);
        for (var i = 0; i < options.Models.Count; i++)
        {
            _ = ModelEntry(i == 0 ? buffer : buffer.Add(","u8), options.Models[i]);
        }

        return buffer.Add("]}"u8).Written.ToArray();
    }

    private static byte[] ModelEntry(Utf8Buffer to, string model)
        => to.Add("{\"id\":\""u8).Add(JsonEncodedText.Encode(model).EncodedUtf8Bytes).Add("\",\"object\":\"model\",\"created\":"u8).Add(AnswerPlan.Created).Add(",\"owned_by\":\"simulator\"}"u8).Written.ToArray();

    private static Task SendAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) => SendAsync(context, JsonSerializer.SerializeToUtf8Bytes(value, type));

    private static async Task SendAsync(HttpContext context, byte[] body)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        _ = await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}
