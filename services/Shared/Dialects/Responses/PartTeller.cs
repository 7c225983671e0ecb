using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Responses;

/// <summary>Numbers the parts of a stream and tells what is new of each.</summary>
internal sealed class PartTeller
{
    private readonly int[] _counts = new int[8];
    private readonly List<StreamPart> _open = [];
    private int _next;

    /// <summary>How many parts of a kind were begun.</summary>
    public int Count(PartKind kind) => _counts[(int)kind];

    /// <summary>Begins a part.</summary>
    public StreamPart Begin(ChatEvent start, ICollection<ChatEvent> events)
    {
        var part = new StreamPart(_next++, start.PartKind);
        _counts[(int)start.PartKind]++;
        _open.Add(part);
        events.Add(start with { Part = part.Number });
        return part;
    }

    /// <summary>Tells more of a part.</summary>
    public void Tell(StreamPart part, string? delta, JsonElement? logProbabilities, ICollection<ChatEvent> events)
    {
        if (part.IsEnded || (string.IsNullOrEmpty(delta) && logProbabilities is null))
        {
            return;
        }

        part.Told.Append(delta);
        part.HasLogProbabilities |= logProbabilities is not null;
        events.Add(new ChatEvent { Kind = ChatEventKind.Delta, Part = part.Number, PartKind = part.Kind, Text = delta, Raw = logProbabilities });
    }

    /// <summary>Tells what <paramref name="whole"/> adds to what was told; nothing when it contradicts that.</summary>
    public void Complete(StreamPart part, string? whole, ICollection<ChatEvent> events)
    {
        if (whole is null || whole.Length <= part.Told.Length)
        {
            return;
        }

        if (part.Told.Length == 0 || whole.StartsWith(part.Told.ToString(), StringComparison.Ordinal))
        {
            Tell(part, whole[part.Told.Length..], null, events);
        }
    }

    /// <summary>Tells a source of a text.</summary>
    public void Cite(StreamPart part, Citation citation, ICollection<ChatEvent> events)
    {
        if (!part.IsEnded && part.Kind == PartKind.Text)
        {
            part.Citations++;
            events.Add(new ChatEvent { Kind = ChatEventKind.Delta, Part = part.Number, PartKind = part.Kind, Citation = citation });
        }
    }

    /// <summary>Ends a part, once.</summary>
    public void End(StreamPart part, Signature? encrypted, ICollection<ChatEvent> events)
    {
        if (!part.IsEnded)
        {
            part.IsEnded = true;
            _open.Remove(part);
            events.Add(new ChatEvent { Kind = ChatEventKind.PartEnd, Part = part.Number, PartKind = part.Kind, Encrypted = encrypted });
        }
    }

    /// <summary>Ends every part that is open.</summary>
    public void EndAll(ICollection<ChatEvent> events)
    {
        while (_open.Count > 0)
        {
            End(_open[0], null, events);
        }
    }
}
