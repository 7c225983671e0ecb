using System.Runtime.InteropServices;
using System.Text.Json;
using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Guarding.Passed;

/// <summary>A piece of a text that comes over several events.</summary>
/// <param name="Channel">Which text: equal for pieces of one.</param>
/// <param name="Start">Where it stands in the event, quotes included.</param>
/// <param name="Length">How long it is there.</param>
/// <param name="Place">Where the text stands in the answer.</param>
/// <param name="Tool">The tool that is called; null where it is none.</param>
/// <param name="IsJson">True for arguments.</param>
internal readonly record struct Delta(string Channel, int Start, int Length, GuardrailScope Place, string? Tool = null, bool IsJson = false);

/// <summary>What an event is made of. One object is used for all events of a stream: it remembers which tools are called.</summary>
internal sealed class EventReading
{
    private const int MostTools = 1_000;

    private readonly Dictionary<string, string> _tools = new(StringComparer.Ordinal);
    private ReadOnlyMemory<byte> _json;

    /// <summary>Pieces of texts, in their order.</summary>
    public List<Delta> Deltas { get; } = [];

    /// <summary>Texts that end with this event: channels that begin so.</summary>
    public List<string> Ends { get; } = [];

    /// <summary>What must not be said twice, should the event be sent again for what was held back of it.</summary>
    public List<(int Start, int Length)> Once { get; } = [];

    /// <summary>Where the event says why a choice ended, with what it says of one that a filter ended.</summary>
    public List<(int Start, int Length, string Filtered)> Finishes { get; } = [];

    /// <summary>Where media stand, which are no text.</summary>
    public HashSet<int> Media { get; } = [];

    /// <summary>True when every text ends with this event.</summary>
    public bool EndsAll { get; set; }

    /// <summary>True once an event of a form came that is known.</summary>
    public bool IsKnown { get; set; }

    /// <summary>Reads an event.</summary>
    public void Read(ReadOnlyMemory<byte> json, JsonElement root)
    {
        _json = json;
        Deltas.Clear();
        Ends.Clear();
        Once.Clear();
        Finishes.Clear();
        Media.Clear();
        EndsAll = false;
        if (root.ValueKind == JsonValueKind.Object)
        {
            DeltaShapes.Find(root, this);
        }
    }

    /// <summary>Adds a piece, unless it is no string.</summary>
    public void Add(string channel, JsonElement text, GuardrailScope place = GuardrailScope.Output, string? tool = null, bool isJson = false)
    {
        if (text.ValueKind == JsonValueKind.String)
        {
            var (start, length) = SpanOf(text);
            Deltas.Add(new Delta(channel, start, length, place, tool, isJson));
        }
    }

    /// <summary>The same of a member, if it is there.</summary>
    public void Add(string channel, JsonElement parent, string member, GuardrailScope place = GuardrailScope.Output, string? tool = null, bool isJson = false)
    {
        if (parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(member, out var text))
        {
            Add(channel, text, place, tool, isJson);
        }
    }

    /// <summary>Takes a member out of what is looked at: it is media.</summary>
    public void Skip(JsonElement parent, string member)
    {
        if (parent.TryGetProperty(member, out var media) && media.ValueKind == JsonValueKind.String)
        {
            Media.Add(SpanOf(media).Start);
        }
    }

    public void SayOnce(JsonElement parent, string member)
    {
        if (parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String)
        {
            Once.Add(SpanOf(value));
        }
    }

    /// <summary>A choice ends with this event.</summary>
    public void Finish(string channel, JsonElement reason, string filtered)
    {
        var (start, length) = SpanOf(reason);
        Finishes.Add((start, length, filtered));
        Ends.Add(channel);
    }

    /// <summary>Remembers the tool that a text calls.</summary>
    public void Call(string channel, string? tool)
    {
        if (tool is not null && _tools.Count < MostTools)
        {
            _tools[channel] = tool;
        }
    }

    public string? ToolOf(string channel) => _tools.GetValueOrDefault(channel);

    private (int Start, int Length) SpanOf(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        _ = _json.Span.Overlaps(raw, out var start);
        return (start, raw.Length);
    }
}
