using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Gateway.Guardrails.Engine.Json;

/// <summary>The texts of a JSON value, and the value with changed ones.</summary>
public sealed class JsonValueTexts
{
    private const int MaxDepth = 256;

    private readonly ReadOnlyMemory<byte> _json;
    private readonly JsonPlace _place;
    private readonly List<GuardText> _texts = [];
    private readonly List<(int Start, int Length)> _places = [];

    private JsonValueTexts(ReadOnlyMemory<byte> json, JsonPlace place) => (_json, _place) = (json, place);

    /// <summary>The texts, in their order.</summary>
    public IReadOnlyList<GuardText> All => _texts;

    /// <summary>True when there are media, which are no text.</summary>
    public bool HasMedia { get; private set; }

    /// <summary>Finds the texts of a value.</summary>
    /// <param name="json">The value, nested at most 256 deep.</param>
    /// <param name="shape">What it is.</param>
    /// <param name="place">Where it stands.</param>
    /// <returns>Null when it is no JSON.</returns>
    public static JsonValueTexts? TryRead(ReadOnlyMemory<byte> json, JsonShape shape, JsonPlace place)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            var texts = new JsonValueTexts(json, place);
            if (shape == JsonShape.ToolResult)
            {
                texts.Visit(document.RootElement);
            }
            else
            {
                texts.AddValue(document.RootElement);
            }

            return texts;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The value with its changed texts; the same memory where none changed.</summary>
    /// <param name="changed">The same texts as they are to be.</param>
    public ReadOnlyMemory<byte> Apply(IReadOnlyList<GuardText> changed)
    {
        ArgumentNullException.ThrowIfNull(changed);
        ArrayBufferWriter<byte>? output = null;
        var at = 0;
        for (var i = 0; i < _texts.Count; i++)
        {
            if (_texts[i].Text == changed[i].Text)
            {
                continue;
            }

            output ??= new ArrayBufferWriter<byte>(_json.Length + 256);
            var (start, length) = _places[i];
            output.Write(_json.Span[at..start]);
            if (_texts[i].IsJson)
            {
                Encoding.UTF8.GetBytes(changed[i].Text, output);
            }
            else
            {
                JsonTexts.Write(changed[i].Text, output);
            }

            at = start + length;
        }

        if (output is null)
        {
            return _json;
        }

        output.Write(_json.Span[at..]);
        return output.WrittenMemory;
    }

    private void Visit(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray())
            {
                Visit(item);
            }
        }
        else if (json.ValueKind == JsonValueKind.Object)
        {
            var hasMediaType = json.TryGetProperty("mimeType", out _);
            foreach (var member in json.EnumerateObject())
            {
                VisitMember(member, hasMediaType);
            }
        }
        else
        {
            AddValue(json);
        }
    }

    private void VisitMember(JsonProperty member, bool hasMediaType)
    {
        switch (member.Name)
        {
            case "data" or "blob" when hasMediaType && member.Value.ValueKind == JsonValueKind.String:
                HasMedia = true;
                break;
            case "type" or "mimeType" when member.Value.ValueKind == JsonValueKind.String:
                break;
            case "text" or "description" when member.Value.ValueKind == JsonValueKind.String:
                AddText(member.Value);
                break;
            case "content" or "contents" or "messages" or "resource" when member.Value.ValueKind is JsonValueKind.Array or JsonValueKind.Object:
                Visit(member.Value);
                break;
            default:
                AddValue(member.Value);
                break;
        }
    }

    private void AddText(JsonElement json)
    {
        var raw = JsonMarshal.GetRawUtf8Value(json);
        Add(new GuardText(JsonTexts.Read(raw[1..^1]), _place.Scope) { Source = _place.Source, Tool = _place.Tool }, raw);
    }

    private void AddValue(JsonElement json)
    {
        if (json.ValueKind is JsonValueKind.Null or JsonValueKind.True or JsonValueKind.False)
        {
            return;
        }

        var raw = JsonMarshal.GetRawUtf8Value(json);
        Add(new GuardText(Encoding.UTF8.GetString(raw), _place.Scope) { Source = _place.Source, Tool = _place.Tool, IsJson = true }, raw);
    }

    private void Add(in GuardText text, ReadOnlySpan<byte> raw)
    {
        if (raw.Length > 2)
        {
            _ = _json.Span.Overlaps(raw, out var start);
            _texts.Add(text);
            _places.Add((start, raw.Length));
        }
    }
}
