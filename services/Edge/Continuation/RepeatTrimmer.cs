using System.Text;

namespace Gateway.Edge.Continuation;

/// <summary>
/// Leaves out what a second leg repeats of the text that has been passed on: the longest end of that text with which the leg begins, or all of it. Text is held back
/// only while it may still turn out to be a repetition, so never more of it than can be repeated. Short overlaps are chance ("the the") and stay.
/// </summary>
internal sealed class RepeatTrimmer
{
    /// <summary>Least characters of the end of a text that count as repeated.</summary>
    public const int LeastTail = 12;

    /// <summary>Least characters of a whole text that count as repeated: a model that begins anew begins with all of it.</summary>
    public const int LeastWhole = 4;

    /// <summary>Most characters of the end of a text that are looked for.</summary>
    public const int MostTail = 4096;

    private readonly string _sent;
    private readonly StringBuilder _held = new();

    // Where in the sent text a repetition may begin, given what has come.
    private readonly List<int> _begins = [];
    private int _repeated;
    private bool _decided;

    /// <param name="sent">What the caller has.</param>
    public RepeatTrimmer(string sent)
    {
        _sent = sent;
        var first = Math.Max(0, sent.Length - MostTail);
        if (first > 0 || sent.Length is >= LeastWhole and < LeastTail)
        {
            _begins.Add(0);
        }

        for (var at = first; at <= sent.Length - LeastTail; at++)
        {
            if (!char.IsLowSurrogate(sent[at]))
            {
                _begins.Add(at);
            }
        }
    }

    /// <summary>Takes more of the leg's text.</summary>
    /// <returns>What can be passed on now; empty while that is open.</returns>
    public string Add(string more)
    {
        if (_decided)
        {
            return more;
        }

        var from = _held.Length;
        _held.Append(more);
        var open = false;
        for (var i = _begins.Count - 1; i >= 0; i--)
        {
            var rest = _sent.AsSpan(_begins[i]);
            var compared = Math.Min(rest.Length, _held.Length) - from;
            if (!rest.Slice(from, compared).SequenceEqual(more.AsSpan(0, compared)))
            {
                _begins.RemoveAt(i);
            }
            else if (rest.Length <= _held.Length)
            {
                _repeated = Splits(rest.Length) ? _repeated : Math.Max(_repeated, rest.Length);
                _begins.RemoveAt(i);
            }
            else
            {
                open = true;
            }
        }

        return open ? "" : Flush();
    }

    /// <summary>Ends the leg's text.</summary>
    /// <returns>What was still held back.</returns>
    public string Flush()
    {
        if (_decided)
        {
            return "";
        }

        _decided = true;
        var text = _held.ToString(_repeated, _held.Length - _repeated);
        _held.Clear();
        return text;
    }

    private bool Splits(int length) => length < _held.Length && char.IsLowSurrogate(_held[length]) && char.IsHighSurrogate(_held[length - 1]);
}
