using System.Text;
using Gateway.Contracts;

namespace Gateway.Edge.Mcp;

/// <summary>
/// Finds in an answer of the hub, as it passes, what it says of the call's cost: what the calls of a program cost, and whether the call was made at all. Only members at their own place count, the hub's own members
/// of <c>_meta</c> in <c>result</c> and of <c>data</c> in <c>error</c>: the hub takes such members out of what servers say, and nothing that lies deeper, in a text or in structured content, is taken for them.
/// </summary>
internal sealed class CostFinder
{
    private const int LongestName = 64;
    private const int LongestNumber = 24;
    private const int Deepest = 3;

    private static readonly byte[] _costName = Encoding.UTF8.GetBytes(WireNames.McpCostMember);
    private static readonly byte[] _mayHaveRunName = Encoding.UTF8.GetBytes(WireNames.McpMayHaveRunMember);

    // What the member is in which the scan stands, by depth.
    private readonly Place[] _path = new Place[Deepest + 1];
    private readonly byte[] _name = new byte[LongestName];
    private int _nameLength;
    private int _depth;
    private bool _isText;
    private bool _isEscaped;
    private bool _isCost;
    private long _number;
    private int _digits;
    private bool _isRefused;
    private bool _isError;
    private bool _mayHaveRun;

    private enum Place : byte
    {
        Other,
        Result,
        Error,
        Meta,
        Data,
    }

    /// <summary>The cost in nano-US-dollars; null as long as none was found.</summary>
    public long? NanoUsd { get; private set; }

    /// <summary>True when the call was not made: the hub refused it, it waits for something, or it ended with an error that says that nothing was done.</summary>
    public bool WasNotMade => _isRefused || (_isError && !_mayHaveRun);

    /// <summary>Takes the next piece of the answer.</summary>
    public void Read(ReadOnlySpan<byte> piece)
    {
        for (var i = 0; i < piece.Length; i++)
        {
            if (_isText)
            {
                i = Text(piece, i);
            }
            else
            {
                Sign(piece[i]);
            }
        }
    }

    /// <summary>Goes through a text; the place of its last byte that is here.</summary>
    private int Text(ReadOnlySpan<byte> piece, int i)
    {
        for (; i < piece.Length; i++)
        {
            if (_depth > Deepest && !_isEscaped)
            {
                // Nothing here is of interest: on to what may end it.
                var next = piece[i..].IndexOfAny((byte)'"', (byte)'\\');
                if (next < 0)
                {
                    return piece.Length;
                }

                i += next;
            }

            var b = piece[i];
            if (_isEscaped)
            {
                _isEscaped = false;
            }
            else if (b == '\\')
            {
                // The hub writes its own names without escapes.
                (_isEscaped, _nameLength) = (true, LongestName + 1);
                continue;
            }
            else if (b == '"')
            {
                _isText = false;
                return i;
            }

            if (_nameLength < LongestName)
            {
                _name[_nameLength] = b;
            }

            _nameLength = Math.Min(_nameLength + 1, LongestName + 1);
        }

        return i;
    }

    private void Sign(byte b)
    {
        if (_isCost)
        {
            if (b is >= (byte)'0' and <= (byte)'9' && _digits < LongestNumber)
            {
                _digits++;
                _number = _number > (long.MaxValue - 9) / 10 ? long.MaxValue - 9 : (_number * 10) + (b - '0');
                return;
            }

            _isCost = false;
            NanoUsd = _digits > 0 && b is (byte)',' or (byte)'}' ? _number : NanoUsd;
        }

        switch (b)
        {
            case (byte)'{' or (byte)'[':
                _depth++;
                Set(Place.Other);
                _nameLength = 0;
                break;
            case (byte)'}' or (byte)']':
                _depth = Math.Max(0, _depth - 1);
                break;
            case (byte)'"' when _depth > 0:
                (_isText, _nameLength) = (true, 0);
                break;
            case (byte)':' when _depth is > 0 and <= Deepest:
                Member();
                break;
            default:
                break;
        }
    }

    private void Member()
    {
        var name = _nameLength <= LongestName ? _name.AsSpan(0, _nameLength) : default;
        _nameLength = 0;
        switch (_depth)
        {
            case 1:
                _isError |= name.SequenceEqual("error"u8);
                Set(name.SequenceEqual("result"u8) ? Place.Result : name.SequenceEqual("error"u8) ? Place.Error : Place.Other);
                break;
            case 2:
                Set(_path[1] == Place.Result && name.SequenceEqual("_meta"u8) ? Place.Meta : _path[1] == Place.Error && name.SequenceEqual("data"u8) ? Place.Data : Place.Other);
                break;
            default:
                Said(name);
                break;
        }
    }

    private void Said(ReadOnlySpan<byte> name)
    {
        if (_path[2] == Place.Data)
        {
            _mayHaveRun |= name.SequenceEqual(_mayHaveRunName);
        }
        else if (_path[2] == Place.Meta)
        {
            _isRefused |= name.SequenceEqual("gateway/refusal"u8) || name.SequenceEqual("gateway/approval"u8) || name.SequenceEqual("gateway/connectAt"u8);
            if (name.SequenceEqual(_costName))
            {
                (_isCost, _number, _digits) = (true, 0, 0);
            }
        }
    }

    private void Set(Place place)
    {
        if (_depth <= Deepest)
        {
            _path[_depth] = place;
        }
    }
}
