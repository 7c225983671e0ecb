using Gateway.Dialects.Chat;

namespace Gateway.Edge.Guarding.Output;

/// <summary>Collects the events of a stream until its answer is whole, for services that are asked about the whole of it. Bounded: what is longer fails as a rule that gives no verdict.</summary>
internal sealed class AnswerCollector
{
    private readonly List<ChatEvent> _events = [];
    private long _length;

    /// <summary>True once the answer is whole and waits for its verdict.</summary>
    public bool IsWaiting { get; private set; }

    /// <summary>True when there was more than is kept.</summary>
    public bool IsOverfull => _length > EventGuard.MostHeld;

    /// <summary>Takes an event; errors of the provider go on at once.</summary>
    public void Add(in ChatEvent e, List<ChatEvent> output)
    {
        switch (e.Kind)
        {
            case ChatEventKind.Error:
                output.Add(e);
                break;
            case ChatEventKind.End:
                _events.Add(e);
                IsWaiting = true;
                break;
            default:
                _length += (e.Text?.Length ?? 0) + (e.Transcript?.Length ?? 0);
                if (!IsOverfull)
                {
                    _events.Add(e);
                }

                break;
        }
    }

    /// <summary>The answer.</summary>
    public ChatAnswer Build(DialectId origin)
    {
        var assembler = new AnswerAssembler(origin);
        _events.ForEach(e => assembler.Add(e));
        IsWaiting = false;
        return assembler.Build();
    }
}
