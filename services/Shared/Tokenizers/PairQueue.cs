namespace Gateway.Tokenizers;

/// <summary>A heap of pairs by rank, then by place, in memory of the caller's.</summary>
internal ref struct PairQueue(Span<long> items)
{
    private readonly Span<long> _items = items;
    private int _count;

    /// <summary>Appends a pair out of order; <see cref="Order"/> follows.</summary>
    public void Append(int rank, int at) => _items[_count++] = ((long)rank << 32) | (uint)at;

    /// <summary>Brings what was appended into order.</summary>
    public readonly void Order()
    {
        for (var i = (_count / 2) - 1; i >= 0; i--)
        {
            Sink(i);
        }
    }

    /// <summary>Adds a pair; one without a rank is left out.</summary>
    public void Add(int rank, int at)
    {
        if (rank == BpeRanks.None)
        {
            return;
        }

        var item = ((long)rank << 32) | (uint)at;
        var i = _count++;
        while (i > 0 && _items[(i - 1) / 2] > item)
        {
            _items[i] = _items[(i - 1) / 2];
            i = (i - 1) / 2;
        }

        _items[i] = item;
    }

    /// <summary>Takes the pair of the lowest rank.</summary>
    public bool TryTake(out int rank, out int at)
    {
        (rank, at) = (0, 0);
        if (_count == 0)
        {
            return false;
        }

        (rank, at) = ((int)(_items[0] >> 32), (int)_items[0]);
        _items[0] = _items[--_count];
        Sink(0);
        return true;
    }

    private readonly void Sink(int i)
    {
        var item = _items[i];
        while (true)
        {
            var child = (2 * i) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _items[child + 1] < _items[child])
            {
                child++;
            }

            if (_items[child] >= item)
            {
                break;
            }

            _items[i] = _items[child];
            i = child;
        }

        _items[i] = item;
    }
}
