namespace Gateway.Dialects.Chat;

/// <summary>
/// Puts the parts of a choice one after the other for dialects that cannot have two open at once: events of a part are held back until the parts that started
/// before it have ended. Not thread-safe.
/// </summary>
internal sealed class PartSequencer
{
    private readonly LinkedList<(int Part, List<ChatEvent> Events)> _waiting = [];
    private int _open = -1;

    /// <summary>Takes one event of a part.</summary>
    /// <param name="e">A start, delta or end of a part.</param>
    /// <param name="write">Called for every event whose turn it is, in order.</param>
    public void Add(in ChatEvent e, Action<ChatEvent> write)
    {
        if (_open < 0 && e.Kind == ChatEventKind.PartStart)
        {
            _open = e.Part;
        }
        else if (_open != e.Part)
        {
            Hold(e);
            return;
        }

        write(e);
        if (e.Kind == ChatEventKind.PartEnd)
        {
            _open = -1;
            Release(write);
        }
    }

    private void Hold(in ChatEvent e)
    {
        foreach (var (part, events) in _waiting)
        {
            if (part == e.Part)
            {
                events.Add(e);
                return;
            }
        }

        if (e.Kind == ChatEventKind.PartStart)
        {
            _waiting.AddLast((e.Part, [e]));
        }
    }

    private void Release(Action<ChatEvent> write)
    {
        while (_waiting.First is { } next)
        {
            _waiting.RemoveFirst();
            foreach (var e in next.Value.Events)
            {
                write(e);
            }

            if (next.Value.Events[^1].Kind != ChatEventKind.PartEnd)
            {
                _open = next.Value.Part;
                return;
            }
        }
    }
}
