using Gateway.Contracts.Configuration;
using Gateway.Contracts.Limits;
using Gateway.Edge.Admission.Limits;
using Gateway.Limits;

namespace Gateway.Edge.Tests.Admission.Limits;

/// <summary>Edges with clocks of their own that share one counter, step by step and without sockets.</summary>
internal sealed class SimulatedEdges
{
    private readonly Dictionary<string, SharedCounter> _counters = new(StringComparer.Ordinal);
    private readonly LimitRule _rule;

    public SimulatedEdges(LimitEntry entry, IEnumerable<TimeSpan> skews)
    {
        _rule = new LimitRule(entry, "team");
        Edges = [.. skews.Select((skew, i) => new SimulatedEdge(this, $"edge{i}", skew))];
    }

    public SimulatedEdge[] Edges { get; }

    /// <summary>The true time, in microseconds; also that of who grants.</summary>
    public long Now { get; private set; } = 1_000_000_000_000;

    public long BornAt { get; set; }

    public string Memory { get; set; } = "one";

    /// <summary>Everything that any edge let through, by true time.</summary>
    public List<(long At, long Amount)> Taken { get; } = [];

    public void Pass(long micros)
    {
        Now += micros;
        foreach (var edge in Edges)
        {
            edge.Follow();
        }
    }

    /// <summary>Who grants forgets everything.</summary>
    public void Forget()
    {
        _counters.Clear();
        BornAt = Now;
        Memory += "'";
    }

    public long Level(string id) => _counters.TryGetValue(id, out var counter) ? (long)counter.Level : _rule.Burst;

    public LimitRule Rule => _rule;

    public LimitGrant Answer(string edge, string memory, LimitAsk ask)
    {
        var lost = memory.Length > 0 && memory != Memory;
        if (!_counters.TryGetValue(ask.Id, out var counter))
        {
            _counters[ask.Id] = counter = SharedCounter.Begin(ask, lost, Now - BornAt, Now);
        }

        return counter.Answer(edge, ask, Edges.Length, lost, Now - BornAt, Now);
    }
}

/// <summary>One of them.</summary>
internal sealed class SimulatedEdge
{
    private readonly SimulatedEdges _all;
    private readonly ManualTime _time;
    private readonly TimeSpan _skew;
    private readonly string _name;
    private string _memory = "";

    public SimulatedEdge(SimulatedEdges all, string name, TimeSpan skew)
    {
        (_all, _name, _skew) = (all, name, skew);
        _time = new ManualTime(DateTimeOffset.UnixEpoch);
        Follow();
        Sharing = new LimitSharing(_time);
        Sharing.Begin(1);
        Counter = new LimitCounter("l", all.Rule, Sharing);
    }

    public LimitSharing Sharing { get; }

    public LimitCounter Counter { get; }

    /// <summary>True while questions do not arrive.</summary>
    public bool IsCutOff { get; set; }

    public void Follow() => _time.Now = DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(_all.Now) + _skew;

    /// <summary>Asks for slices; an answer may get lost on its way.</summary>
    public void Exchange(bool loseAnswer = false)
    {
        var asks = Sharing.Take(10).Select(c => (Counter: c, Ask: c.Ask())).Where(a => a.Ask is not null).ToList();
        if (IsCutOff)
        {
            asks.ForEach(a => Sharing.List(a.Counter));
            return;
        }

        var sent = Sharing.Now;
        var grants = asks.Select(a => _all.Answer(_name, _memory, a.Ask!)).ToList();
        if (!loseAnswer)
        {
            _memory = _all.Memory;
            Sharing.Heard(sent, _all.Edges.Length);
            for (var i = 0; i < asks.Count; i++)
            {
                asks[i].Counter.Answer(asks[i].Ask!.Sequence, grants[i]);
            }
        }

        asks.ForEach(a => Sharing.List(a.Counter));
    }

    /// <summary>Takes as a request would: where others may have left some, they are asked.</summary>
    public bool TryTake(long amount, out TimeSpan wait)
    {
        for (var questions = 0; ; questions++)
        {
            var result = Counter.TryTake(amount, PriorityClass.Normal, out wait, out _);
            if (result == TakeResult.Taken)
            {
                _all.Taken.Add((_all.Now, amount));
                return true;
            }

            if (result == TakeResult.Refused || questions == 4)
            {
                return false;
            }

            Exchange();
        }
    }
}
