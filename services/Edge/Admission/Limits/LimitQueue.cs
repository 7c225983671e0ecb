using Gateway.Contracts.Configuration;

namespace Gateway.Edge.Admission.Limits;

/// <summary>Requests that wait for room at one counter: higher priority first, and within one in the order they came. They hold nothing meanwhile, and no thread.</summary>
internal sealed class LimitQueue(int most, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<LimitWaiter>[] _waiting = [new(), new(), new()];
    private static int _all;
    private int _count;
    private int _most = most;

    /// <summary>How many may wait. Those who wait already go on waiting where it is lowered.</summary>
    public int Most { get => Volatile.Read(ref _most); set => Volatile.Write(ref _most, value); }

    public TimeProvider Time { get; } = time;

    public int Count => Volatile.Read(ref _count);

    /// <summary>How many wait in all queues of this process.</summary>
    public static int AllWaiting => Volatile.Read(ref _all);

    /// <summary>True when somebody who comes first waits, so that a request may not overtake it.</summary>
    public bool Blocks(PriorityClass priority, LimitWaiter? waiter)
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return false;
        }

        lock (_lock)
        {
            return First_NeedsLock() is { } first && first != waiter && (waiter?.Queue == this || first.Priority <= priority);
        }
    }

    /// <summary>What those who come before a request of a priority wait for.</summary>
    public long AmountBefore(PriorityClass priority)
    {
        lock (_lock)
        {
            long amount = 0;
            for (var p = 0; p <= Index(priority); p++)
            {
                foreach (var waiter in _waiting[p])
                {
                    amount += waiter.Amount;
                }
            }

            return amount;
        }
    }

    /// <summary>Joins the queue.</summary>
    /// <returns>Null when it is full.</returns>
    public LimitWaiter? Join(PriorityClass priority, long amount, LimitRule rule)
    {
        lock (_lock)
        {
            if (_count >= Most)
            {
                return null;
            }

            var waiter = new LimitWaiter(this, priority, amount, rule);
            waiter.Node = _waiting[Index(priority)].AddLast(waiter);
            _count++;
            Interlocked.Increment(ref _all);
            return waiter;
        }
    }

    /// <summary>Leaves the queue, with or without what was waited for; who is first now looks again.</summary>
    public void Leave(LimitWaiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node is { } node)
            {
                _waiting[Index(waiter.Priority)].Remove(node);
                waiter.Node = null;
                _count--;
                Interlocked.Decrement(ref _all);
            }
        }

        RoomMade();
    }

    public bool IsFirst(LimitWaiter waiter)
    {
        lock (_lock)
        {
            return First_NeedsLock() == waiter;
        }
    }

    /// <summary>Lets who is first look whether there is room.</summary>
    public void RoomMade()
    {
        if (Volatile.Read(ref _count) == 0)
        {
            return;
        }

        lock (_lock)
        {
            First_NeedsLock()?.Signal();
        }
    }

    /// <summary>Lets everybody look again: nobody may wait any more.</summary>
    public void Disband()
    {
        lock (_lock)
        {
            foreach (var list in _waiting)
            {
                foreach (var waiter in list)
                {
                    waiter.Signal();
                }
            }
        }
    }

    private static int Index(PriorityClass priority) => (int)priority - 1;

    private LimitWaiter? First_NeedsLock()
    {
        foreach (var list in _waiting)
        {
            if (list.First is { } first)
            {
                return first.Value;
            }
        }

        return null;
    }
}

/// <summary>One request that waits.</summary>
internal sealed class LimitWaiter(LimitQueue queue, PriorityClass priority, long amount, LimitRule rule)
{
    private TaskCompletionSource _signal = New();

    public LimitQueue Queue { get; } = queue;

    public PriorityClass Priority { get; } = priority;

    public long Amount { get; } = amount;

    /// <summary>The limit it waits for.</summary>
    public LimitRule Rule { get; } = rule;

    /// <summary>Its place; null once it has left.</summary>
    public LinkedListNode<LimitWaiter>? Node { get; set; }

    public void Signal() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Waits until there may be room, for a while, or until the request is given up.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken cancelled)
    {
        var signal = Volatile.Read(ref _signal);
        await signal.Task.WaitAsync(most, Queue.Time, cancelled).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (signal.Task.IsCompleted)
        {
            Interlocked.CompareExchange(ref _signal, New(), signal);
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
