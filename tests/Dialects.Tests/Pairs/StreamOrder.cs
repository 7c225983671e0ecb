using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Pairs;

/// <summary>The order that <see cref="ChatEvent"/> promises.</summary>
internal static class StreamOrder
{
    /// <summary>What breaks the order; null when nothing does.</summary>
    public static string? Violation(IReadOnlyList<ChatEvent> events)
    {
        var open = new Dictionary<(int Choice, int Part), PartKind>();
        var begun = new Dictionary<int, int>();
        var finished = new HashSet<int>();
        var over = false;
        for (var i = 0; i < events.Count; i++)
        {
            var e = events[i];
            var key = (e.Choice, e.Part);
            var problem = e.Kind switch
            {
                _ when over => "comes after the end",
                ChatEventKind.Start when i > 0 => "is not the first",
                ChatEventKind.Start => null,
                _ when i == 0 && e.Kind != ChatEventKind.Error => "comes before the start",
                ChatEventKind.PartStart when e.Part != begun.GetValueOrDefault(e.Choice) => "has not the next number",
                ChatEventKind.PartStart when finished.Contains(e.Choice) => "begins after its choice finished",
                ChatEventKind.Delta or ChatEventKind.PartEnd when !open.TryGetValue(key, out var kind) => "is of a part that is not open",
                ChatEventKind.Delta or ChatEventKind.PartEnd when open[key] != e.PartKind => "names another kind than its part",
                ChatEventKind.Finish when open.Keys.Any(k => k.Choice == e.Choice) => "leaves parts open",
                ChatEventKind.Finish when !finished.Add(e.Choice) => "comes twice",
                _ => null,
            };
            if (problem is not null)
            {
                return $"event {i}, {e.Kind} of part {e.Part}: {problem}";
            }

            switch (e.Kind)
            {
                case ChatEventKind.PartStart:
                    open[key] = e.PartKind;
                    begun[e.Choice] = e.Part + 1;
                    break;
                case ChatEventKind.PartEnd:
                    _ = open.Remove(key);
                    break;
                case ChatEventKind.End or ChatEventKind.Error:
                    over = true;
                    break;
            }
        }

        return null;
    }
}
