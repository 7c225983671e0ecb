using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Tests.Contract;

/// <summary>Checks the order of events that <see cref="ChatEvent"/> promises.</summary>
internal static class EventOrder
{
    public static void Check(List<ChatEvent> events)
    {
        var open = new Dictionary<(int Choice, int Part), PartKind>();
        var seen = new Dictionary<int, int>();
        var finished = new HashSet<int>();
        var started = false;
        var ended = false;
        foreach (var e in events)
        {
            Assert.False(ended, $"{e.Kind} after the end");
            switch (e.Kind)
            {
                case ChatEventKind.Start:
                    Assert.False(started, "second start");
                    started = true;
                    break;
                case ChatEventKind.PartStart:
                    Assert.True(started, "part before the start");
                    Assert.DoesNotContain(e.Choice, finished);
                    Assert.Equal(seen.GetValueOrDefault(e.Choice), e.Part);
                    seen[e.Choice] = e.Part + 1;
                    open.Add((e.Choice, e.Part), e.PartKind);
                    break;
                case ChatEventKind.Delta or ChatEventKind.PartEnd:
                    Assert.True(open.TryGetValue((e.Choice, e.Part), out var kind), $"{e.Kind} of a part that is not open");
                    Assert.Equal(kind, e.PartKind);
                    if (e.Kind == ChatEventKind.PartEnd)
                    {
                        open.Remove((e.Choice, e.Part));
                    }

                    break;
                case ChatEventKind.Finish:
                    Assert.DoesNotContain(open.Keys, key => key.Choice == e.Choice);
                    Assert.True(finished.Add(e.Choice), "second finish");
                    break;
                case ChatEventKind.End:
                    Assert.Empty(open);
                    ended = true;
                    break;
            }
        }
    }
}
