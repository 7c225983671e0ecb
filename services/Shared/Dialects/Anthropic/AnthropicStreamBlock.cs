using System.Buffers;
using System.Text;
using System.Text.Json;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Json;

namespace Gateway.Dialects.Anthropic;

/// <summary>A content block of a stream, from its start to its stop.</summary>
/// <param name="kind">What it becomes.</param>
/// <param name="element">The block as it started; undefined where the provider left the start out.</param>
internal sealed class AnthropicStreamBlock(PartKind kind, JsonElement element)
{
    private List<JsonElement>? _citations;
    private StringBuilder? _json;
    private List<JsonProperty>? _changes;
    private Signature? _signature;
    private bool _hasInput;
    private int _part;

    /// <summary>True for a call of the tool that stands for structured output.</summary>
    public bool IsStructuredOutput { get; } = kind == PartKind.Text && element.StringOf("type") == "tool_use";

    public static PartKind KindOf(JsonElement block) => block.StringOf("type") switch
    {
        "text" => PartKind.Text,
        "tool_use" => block.StringOf("name") == AnthropicJson.StructuredTool ? PartKind.Text : PartKind.ToolCall,
        "thinking" => PartKind.Reasoning,
        "redacted_thinking" => PartKind.Reasoning,
        _ => PartKind.Opaque,
    };

    /// <summary>What a block must be whose start never came, or null when its deltas do not tell.</summary>
    public static PartKind? ImpliedBy(JsonElement delta) => delta.StringOf("type") switch
    {
        "text_delta" => PartKind.Text,
        "thinking_delta" => PartKind.Reasoning,
        _ => null,
    };

    /// <summary>Begins the part; one that only this dialect knows begins when it is whole.</summary>
    /// <param name="parts">Number of parts begun so far.</param>
    /// <param name="events">Receives what the start says.</param>
    public void Start(ref int parts, ICollection<ChatEvent> events)
    {
        if (kind == PartKind.Opaque)
        {
            return;
        }

        _part = parts++;
        events.Add(new ChatEvent
        {
            Kind = ChatEventKind.PartStart,
            Part = _part,
            PartKind = kind,
            Id = kind == PartKind.ToolCall ? element.StringOf("id") : null,
            Name = kind == PartKind.ToolCall ? element.StringOf("name") : null,
        });
        AddText(element.StringOf(kind == PartKind.Reasoning ? "thinking" : "text"), events);
        _signature = ReadSignature(element.StringOf("signature"));
        if (element.TryArray("citations", out var citations))
        {
            _citations = [.. citations.EnumerateArray()];
        }
    }

    public void Add(JsonElement delta, ICollection<ChatEvent> events)
    {
        var type = delta.StringOf("type");
        switch (type)
        {
            case "text_delta" when kind == PartKind.Text:
                AddText(delta.StringOf("text"), events);
                break;
            case "thinking_delta" when kind == PartKind.Reasoning:
                AddText(delta.StringOf("thinking"), events);
                break;
            case "signature_delta":
                _signature = ReadSignature(delta.StringOf("signature")) ?? _signature;
                break;
            case "citations_delta" when delta.TryObject("citation", out var citation):
                (_citations ??= []).Add(citation);
                break;
            case "input_json_delta" when kind == PartKind.Opaque:
                (_json ??= new StringBuilder()).Append(delta.StringOf("partial_json"));
                break;
            case "input_json_delta":
                _hasInput |= delta.StringOf("partial_json") is { Length: > 0 };
                AddText(delta.StringOf("partial_json"), events);
                break;
            default:
                if (kind == PartKind.Opaque)
                {
                    (_changes ??= []).AddRange(delta.EnumerateObject().Where(static p => !p.NameEquals("type"u8)));
                }

                break;
        }
    }

    /// <summary>Ends the part.</summary>
    /// <param name="parts">Number of parts begun so far.</param>
    /// <param name="events">Receives what the end says.</param>
    public void End(ref int parts, ICollection<ChatEvent> events)
    {
        if (kind == PartKind.Opaque)
        {
            _part = parts++;
            events.Add(new ChatEvent
            {
                Kind = ChatEventKind.PartStart, Part = _part, PartKind = kind, Name = element.StringOf("type"), Raw = Assemble(), Origin = DialectId.Anthropic,
            });
        }
        else if (!_hasInput && element.TryObject("input", out var input) && input.EnumerateObject().Any())
        {
            AddText(input.Compact(), events);
        }

        foreach (var citation in _citations ?? [])
        {
            events.Add(new ChatEvent
            {
                Kind = ChatEventKind.Delta, Part = _part, PartKind = kind,
                Citation = AnthropicContentReader.ReadCitation(citation),
            });
        }

        var encrypted = element.StringOf("data") is { } data && kind == PartKind.Reasoning ? Signature.Read(DialectId.Anthropic, data) : null;
        events.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Part = _part, PartKind = kind, Signature = _signature, Encrypted = encrypted });
    }

    private static Signature? ReadSignature(string? value) => string.IsNullOrEmpty(value) ? null : Signature.Read(DialectId.Anthropic, value);

    private void AddText(string? text, ICollection<ChatEvent> events)
    {
        if (text is { Length: > 0 })
        {
            events.Add(new ChatEvent { Kind = ChatEventKind.Delta, Part = _part, PartKind = kind, Text = text });
        }
    }

    /// <summary>The block as it is after all deltas: what it started with, its input put together, and members that deltas gave anew.</summary>
    private JsonElement Assemble()
    {
        if (_json is null && _changes is null)
        {
            return element;
        }

        var output = new ArrayBufferWriter<byte>();
        using (var writer = JsonOutput.Create(output))
        {
            writer.WriteStartObject();
            var input = default(JsonElement);
            var hasInput = _json is { Length: > 0 } && LenientJson.TryParse(Encoding.UTF8.GetBytes(_json.ToString()), out input);
            foreach (var member in element.EnumerateObject())
            {
                var changed = _changes?.Exists(c => c.NameEquals(member.Name)) ?? false;
                if (!changed && !(hasInput && member.NameEquals("input"u8)))
                {
                    member.WriteTo(writer);
                }
            }

            if (hasInput)
            {
                writer.WriteElement("input", input);
            }

            foreach (var change in _changes?.GroupBy(static c => c.Name).Select(static g => g.Last()) ?? [])
            {
                change.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return JsonElement.Parse(output.WrittenSpan);
    }
}
