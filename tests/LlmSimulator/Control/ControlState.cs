using Gateway.LlmSimulator.Behaviour;

namespace Gateway.LlmSimulator.Control;

/// <summary>The defaults now in force and the answers scripted ahead.</summary>
internal sealed class ControlState
{
    private readonly SimulatorBehaviour _initial;
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Knobs, int Left)> _script = new();
    private volatile SimulatorBehaviour _defaults;
    private volatile bool _scripted;

    public ControlState(SimulatorBehaviour initial) => _defaults = _initial = initial;

    public SimulatorBehaviour Defaults
    {
        get => _defaults;
        set => _defaults = value;
    }

    public int Scripted
    {
        get
        {
            lock (_gate)
            {
                return _script.Sum(s => s.Left);
            }
        }
    }

    public void Enqueue(string knobs, int count)
    {
        lock (_gate)
        {
            _ = _script.AddLast((knobs, count));
            _scripted = true;
        }
    }

    /// <summary>What the next answer starts from: the defaults, with the script's next entry on top when there is one.</summary>
    public SimulatorBehaviour Next()
    {
        if (!_scripted)
        {
            return _defaults;
        }

        string knobs;
        lock (_gate)
        {
            if (_script.First is not { } next)
            {
                return _defaults;
            }

            knobs = next.Value.Knobs;
            _script.RemoveFirst();
            if (next.Value.Left > 1)
            {
                _ = _script.AddFirst((knobs, next.Value.Left - 1));
            }

            _scripted = _script.Count > 0;
        }

        // Entries are checked when they are queued, so one that fails here is a bug of this class.
        return BehaviourKnobs.TryApply(_defaults, knobs, out var behaviour, out var error) ? behaviour : throw new InvalidOperationException(error);
    }

    public void Reset()
    {
        lock (_gate)
        {
            _script.Clear();
            _scripted = false;
        }

        _defaults = _initial;
    }
}
