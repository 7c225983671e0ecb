using System.Collections.Concurrent;
using System.Globalization;

namespace Gateway.LlmSimulator.Control;

/// <summary>Counts what arrived and what it would cost. Totals are exact; the lists hold the last ones only.</summary>
internal sealed class Ledger(SimulatorOptions options)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<(string Path, int Status), Counter> _requests = new();
    private readonly ConcurrentDictionary<string, Account> _accounts = new(StringComparer.Ordinal);
    private readonly Queue<ReceivedRequest> _received = new();
    private (long Request, Account Account, int Prompt, int Completion, TokenClasses? Classes, string? User)[] _lines = new (long, Account, int, int, TokenClasses?, string?)[Math.Max(1, options.KeepBillLines)];
    private long _lineCount;
    private int _active;
    private int _peak;
    private long _aborted;

    public string RequestId(long number) => string.Create(CultureInfo.InvariantCulture, $"req_sim_{options.Behaviour.Seed}_{number}");

    public Account AccountOf(string model) => _accounts.GetOrAdd(model, static m => new Account(m));

    public void Enter()
    {
        var now = Interlocked.Increment(ref _active);
        var peak = Volatile.Read(ref _peak);
        while (now > peak && Interlocked.CompareExchange(ref _peak, now, peak) is var seen && seen != peak)
        {
            peak = seen;
        }
    }

    public void Leave(string path, int status)
    {
        _ = Interlocked.Decrement(ref _active);
        Count(path, status);
    }

    public void Count(string path, int status) => _requests.GetOrAdd((path, status), static _ => new Counter()).Add(1);

    public void ClientLeft() => Interlocked.Increment(ref _aborted);

    public void Bill(long request, Account account, int promptTokens, int completionTokens, TokenClasses? classes = null, string? user = null)
    {
        account.Add(promptTokens, completionTokens);
        if (options.KeepBillLines > 0)
        {
            lock (_gate)
            {
                _lines[_lineCount++ % _lines.Length] = (request, account, promptTokens, completionTokens, classes, user);
            }
        }
    }

    public void Keep(ReceivedRequest request)
    {
        lock (_gate)
        {
            if (_received.Count >= options.KeepReceived)
            {
                _ = _received.Dequeue();
            }

            _received.Enqueue(request);
        }
    }

    public IReadOnlyList<ReceivedRequest> Received()
    {
        lock (_gate)
        {
            return [.. _received];
        }
    }

    public SimulatorStats Stats() => new(
        new SortedDictionary<string, long>(_requests.Where(r => r.Value.Value > 0).ToDictionary(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key.Path} {r.Key.Status}"), r => r.Value.Value), StringComparer.Ordinal),
        _accounts.Values.Sum(a => a.Total.PromptTokens),
        _accounts.Values.Sum(a => a.Total.CompletionTokens),
        Volatile.Read(ref _active),
        Volatile.Read(ref _peak),
        Interlocked.Read(ref _aborted));

    public SimulatorBill Bill()
    {
        var lines = new List<BillLine>();
        lock (_gate)
        {
            for (var i = Math.Max(0, _lineCount - _lines.Length); i < _lineCount; i++)
            {
                var (request, account, prompt, completion, classes, user) = _lines[i % _lines.Length];
                lines.Add(new BillLine(RequestId(request), account.Model, prompt, completion) { Classes = classes ?? TokenClasses.None, User = user });
            }
        }

        return new SimulatorBill([.. _accounts.Values.Select(a => a.Total).Where(t => t.Requests > 0).OrderBy(t => t.Model, StringComparer.Ordinal)], lines);
    }

    public void Reset()
    {
        lock (_gate)
        {
            _received.Clear();
            _lines = new (long, Account, int, int, TokenClasses?, string?)[_lines.Length];
            _lineCount = 0;
        }

        // Accounts stay, at zero, because models in use hold on to theirs.
        foreach (var account in _accounts.Values)
        {
            account.Clear();
        }

        _requests.Clear();
        _peak = Volatile.Read(ref _active);
        _ = Interlocked.Exchange(ref _aborted, 0);
    }

    private sealed class Counter
    {
        private long _value;

        public long Value => Interlocked.Read(ref _value);

        public void Add(long n) => Interlocked.Add(ref _value, n);
    }

    /// <summary>What one model has cost.</summary>
    internal sealed class Account(string model)
    {
        private long _requests;
        private long _prompt;
        private long _completion;

        public string Model => model;

        public ModelTotal Total => new(model, Interlocked.Read(ref _requests), Interlocked.Read(ref _prompt), Interlocked.Read(ref _completion));

        public void Add(int prompt, int completion)
        {
            _ = Interlocked.Increment(ref _requests);
            _ = Interlocked.Add(ref _prompt, prompt);
            _ = Interlocked.Add(ref _completion, completion);
        }

        public void Clear()
        {
            _ = Interlocked.Exchange(ref _requests, 0);
            _ = Interlocked.Exchange(ref _prompt, 0);
            _ = Interlocked.Exchange(ref _completion, 0);
        }
    }
}
