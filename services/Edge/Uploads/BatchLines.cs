using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Admission;
using Gateway.Edge.Errors;
using Gateway.Edge.Guarding;
using Gateway.Edge.Guarding.Requests;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Uploads;

/// <summary>The requests in a batch's input file, each on a line: what must hold for a request that is made at once must hold for each of these.</summary>
internal sealed class BatchLines(RequestContext context)
{
    /// <summary>Most requests of a file, as with OpenAI.</summary>
    public const int MaxLines = 50_000;

    private readonly List<Line> _lines = [];
    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private string? _url;

    /// <summary>The public model of all lines.</summary>
    public string Model { get; private set; } = "";

    /// <summary>The most that all lines together can use.</summary>
    public BatchBound Bound { get; private set; }

    /// <summary>The deployment that the requests are for.</summary>
    public DeploymentRuntime? Deployment { get; private set; }

    /// <summary>Reads and checks everything but the texts.</summary>
    public Failure? Read(ReadOnlyMemory<byte> file)
    {
        var number = 0;
        for (var at = 0; at < file.Length;)
        {
            number++;
            var length = file.Span[at..].IndexOf((byte)'\n');
            var end = length < 0 ? file.Length : at + length;
            var line = file[at..end];
            if (line.Span.IndexOfAnyExcept(" \t\r"u8) >= 0)
            {
                if (_lines.Count == MaxLines)
                {
                    return Wrong(number, $"the file has more than {MaxLines} requests");
                }

                if (ReadLine(number, at, line) is { } failure)
                {
                    return failure;
                }
            }

            at = end + 1;
        }

        return _lines.Count == 0 ? new Failure(GatewayError.ValueInvalid, Step.Envelope, "The file of a batch has one request a line in JSON; this one has none.") { Param = "file" } : null;
    }

    /// <summary>Checks the texts, line by line: what a rule changes or forbids is told of its line. Stand-ins are not made, for nobody would put originals back into a file of results.</summary>
    /// <returns>The file with its changed texts, or the failure of the first line that may not go.</returns>
    public async ValueTask<(ReadOnlyMemory<byte> File, Failure? Failure)> GuardAsync(InputGuard guard, ReadOnlyMemory<byte> file)
    {
        ArrayBufferWriter<byte>? changed = null;
        foreach (var line in _lines)
        {
            var request = file[line.Start..line.End];
            var (own, failure) = await guard.CheckAsync(context, request, ContentForm.Line, isAnswered: false, context.Http.RequestAborted).ConfigureAwait(false);
            if (failure is not null)
            {
                return (file, failure with { Message = $"Line {line.Number}: {failure.Message}" });
            }

            if (changed is null && !own.Equals(request))
            {
                changed = new ArrayBufferWriter<byte>(file.Length + 256);
                changed.Write(file.Span[..line.Start]);
            }

            changed?.Write(own.Span);
            changed?.Write("\n"u8);
        }

        return (changed is null ? file : changed.WrittenMemory, null);
    }

    /// <summary>The file as the provider gets it: with its own name of the model.</summary>
    public ReadOnlyMemory<byte> Rewrite(ReadOnlySpan<byte> file, ReadOnlySpan<byte> modelJson)
    {
        var buffer = new ArrayBufferWriter<byte>(Math.Max(1, file.Length));
        foreach (var line in _lines)
        {
            buffer.Write(file[line.Start..line.ModelStart]);
            buffer.Write(modelJson);
            buffer.Write(file[(line.ModelStart + line.ModelLength)..line.End]);
            buffer.Write("\n"u8);
        }

        return buffer.WrittenMemory;
    }

    private Failure? ReadLine(int number, int start, ReadOnlyMemory<byte> line)
    {
        try
        {
            // Of two members of one name the gateway might look at the one and the provider at the other.
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = context.Settings.MaxJsonDepth + 1, AllowDuplicateProperties = false });
            return document.RootElement.ValueKind != JsonValueKind.Object
                ? Wrong(number, "it is no JSON object")
                : ReadRequest(number, start, line, document.RootElement);
        }
        catch (JsonException e)
        {
            return Wrong(number, $"it is not valid JSON ({e.Message})", GatewayError.BodyMalformed);
        }
        catch (InvalidOperationException)
        {
            return Wrong(number, "'custom_id', 'method', 'url' or 'model' is no valid text");
        }
    }

    private Failure? ReadRequest(int number, int start, ReadOnlyMemory<byte> line, JsonElement request)
    {
        if (Text(request, "custom_id") is not { Length: > 0 } id || !_ids.Add(id))
        {
            return Wrong(number, "'custom_id' must be a text that no other line has");
        }

        if (Text(request, "method") != "POST" || FileSpecs.LineShape(Text(request, "url")) is not { } shape)
        {
            return Wrong(number, "'method' must be POST and 'url' one of /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses");
        }

        _url ??= Text(request, "url");
        if (_url != Text(request, "url"))
        {
            return Wrong(number, $"all lines must have the same 'url', and the lines before have '{_url}'");
        }

        if (!request.TryGetProperty("body", out var body) || body.ValueKind != JsonValueKind.Object)
        {
            return Wrong(number, "'body' must be an object, the request");
        }

        var json = JsonMarshal.GetRawUtf8Value(body);
        if (EnvelopeReader.Read(json, shape, modelInPath: false, context.Settings.MaxJsonDepth, out var envelope) is { Problem: not EnvelopeProblem.None } error)
        {
            return Wrong(number, error.Detail!);
        }

        if (envelope.FallbacksLength > 0)
        {
            return Wrong(number, "'fallbacks' cannot be had in a batch");
        }

        foreach (var name in context.Key!.RequiredMetadata)
        {
            if (!EnvelopeReader.HasMetadata(json, envelope, name))
            {
                return Wrong(number, $"this API key requires 'metadata.{name}' in every request", GatewayError.MetadataMissing);
            }
        }

        if (CheckModel(number, Text(body, "model") ?? "") is { } wrongModel)
        {
            return wrongModel;
        }

        Bound = UpperBounds.Add(Bound, json, envelope, ModelDeployments.NameAt(Deployment!, context.Model.FindRoute(Model)!.WildcardPart(Model)), hasOutput: _url != FileSpecs.EmbeddingsUrl);
        _ = line.Span.Overlaps(json, out var offset);
        _lines.Add(new Line(number, start, start + line.Length, start + offset + envelope.ModelStart, envelope.ModelLength));
        return null;
    }

    private Failure? CheckModel(int number, string model)
    {
        if (Deployment is not null)
        {
            return model == Model ? null : Wrong(number, $"all lines must have the same model, and the lines before have '{Model}'; put others into a file of their own");
        }

        if (context.Model.FindRoute(model) is not { } route)
        {
            return Wrong(number, $"the model '{model}' does not exist here; GET /v1/models lists what this key may use", GatewayError.ModelUnknown);
        }

        if (!context.Key!.MayUse(model, route))
        {
            return Wrong(number, $"this API key may not use the model '{model}'", GatewayError.ModelForbidden);
        }

        Model = model;
        Deployment = ModelDeployments.Choose(context, route, Holders.Named(context));
        return Deployment is not null
            ? null
            : Wrong(number, $"no provider that has files and serves '{model}' can be reached with this key; the header '{Http.GatewayHeaders.Provider}' names one", GatewayError.RequestUnsupported);
    }

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static Failure Wrong(int number, string what, GatewayError error = GatewayError.ValueInvalid) => new(error, Step.Envelope, $"Line {number}: {what.TrimEnd('.')}.") { Param = "file" };

    private readonly record struct Line(int Number, int Start, int End, int ModelStart, int ModelLength);
}
