using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Methods that take texts apart.</summary>
internal static class TextSplitting
{
    public static object Split(Invocation call, bool fromRight)
    {
        var a = call.Bind("sep?", "maxsplit?");
        var text = TextMethods.Self(call);
        var most = a[1] is null or None ? int.MaxValue : (int)Math.Clamp(call.Integer(a[1], "maxsplit"), -1, int.MaxValue) is >= 0 and var n ? n : int.MaxValue;
        if (a[0] is null or None)
        {
            return fromRight ? WordsFromRight(call, text, most) : Words(call, text, most);
        }

        var separator = call.Text(a[0], "sep");
        if (separator.Length == 0)
        {
            throw call.Error("the separator is empty.", "list(text) gives the characters");
        }

        var found = new List<int>();
        for (var from = 0; (fromRight || found.Count < most) && TextSearch.IndexOf(text, separator, from, call.Meter) is >= 0 and var at; from = at + separator.Length)
        {
            call.Meter.Allocate(16);
            found.Add(at);
        }

        if (fromRight && found.Count > most)
        {
            found.RemoveRange(0, found.Count - most);
        }

        call.Meter.AllocateItems(found.Count + 1);
        call.Meter.AllocateText(text.Length);
        var (parts, start) = (new List<object>(found.Count + 1), 0);
        foreach (var at in found)
        {
            call.Meter.Allocate(32);
            parts.Add(text[start..at]);
            start = at + separator.Length;
        }

        parts.Add(text[start..]);
        return new ListValue(parts);
    }

    public static object Lines(Invocation call)
    {
        var keep = call.Bind("keepends?")[0] is { } k && ValueTypes.IsTrue(k);
        var text = TextMethods.Self(call);
        call.Meter.AllocateText(text.Length);
        var lines = new List<object>();
        for (var start = 0; start < text.Length;)
        {
            var end = text.AsSpan(start).IndexOfAny('\n', '\r');
            end = end < 0 ? text.Length : start + end;
            var next = end < text.Length ? end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1) : end;
            call.Meter.Allocate(48);
            lines.Add(text[start..(keep ? next : end)]);
            start = next;
        }

        return new ListValue(lines);
    }

    public static object Partition(Invocation call, bool last)
    {
        var text = TextMethods.Self(call);
        var separator = call.Text(call.Bind("sep")[0], "sep");
        if (separator.Length == 0)
        {
            throw call.Error("the separator is empty.");
        }

        var at = last ? TextSearch.LastIndexOf(text, separator, call.Meter) : TextSearch.IndexOf(text, separator, 0, call.Meter);
        call.Meter.AllocateText(text.Length);
        return at >= 0 ? new TupleValue([text[..at], separator, text[(at + separator.Length)..]]) : new TupleValue(last ? ["", "", text] : [text, "", ""]);
    }

    private static ListValue Words(Invocation call, string text, int most)
    {
        call.Meter.AllocateText(text.Length);
        var words = new List<object>();
        for (var i = 0; i < text.Length;)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                i++;
                continue;
            }

            call.Meter.Allocate(48);
            if (words.Count == most)
            {
                words.Add(text[i..]);
                break;
            }

            var start = i;
            while (i < text.Length && !char.IsWhiteSpace(text[i]))
            {
                i++;
            }

            words.Add(text[start..i]);
        }

        return new ListValue(words);
    }

    private static ListValue WordsFromRight(Invocation call, string text, int most)
    {
        call.Meter.AllocateText(text.Length);
        var words = new List<object>();
        for (var i = text.Length; i > 0;)
        {
            if (char.IsWhiteSpace(text[i - 1]))
            {
                i--;
                continue;
            }

            call.Meter.Allocate(48);
            if (words.Count == most)
            {
                words.Add(text[..i]);
                break;
            }

            var end = i;
            while (i > 0 && !char.IsWhiteSpace(text[i - 1]))
            {
                i--;
            }

            words.Add(text[i..end]);
        }

        words.Reverse();
        return new ListValue(words);
    }
}
