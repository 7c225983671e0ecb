using System.Text;
using Gateway.Starlark.Execution;
using Gateway.Starlark.Values;

namespace Gateway.Starlark.Library;

/// <summary>Methods of texts.</summary>
internal static class TextMethods
{
    public static readonly Dictionary<string, Func<Invocation, object>> All = new()
    {
        ["upper"] = static c => Same(c, c.Bind(), s => s.ToUpperInvariant()),
        ["lower"] = static c => Same(c, c.Bind(), s => s.ToLowerInvariant()),
        ["casefold"] = static c => Same(c, c.Bind(), s => s.ToLowerInvariant()),
        ["swapcase"] = static c => Same(c, c.Bind(), s => Map(s, (x, _) => char.IsUpper(x) ? char.ToLowerInvariant(x) : char.ToUpperInvariant(x))),
        ["title"] = static c => Same(c, c.Bind(), s => Map(s, (x, before) => char.IsLetter(before) ? char.ToLowerInvariant(x) : char.ToUpperInvariant(x))),
        ["capitalize"] = static c => Same(c, c.Bind(), s => s.Length == 0 ? s : char.ToUpperInvariant(s[0]) + s[1..].ToLowerInvariant()),
        ["strip"] = static c => Same(c, c.Bind("chars?"), (s, set) => set is null ? s.Trim() : s.Trim(set)),
        ["lstrip"] = static c => Same(c, c.Bind("chars?"), (s, set) => set is null ? s.TrimStart() : s.TrimStart(set)),
        ["rstrip"] = static c => Same(c, c.Bind("chars?"), (s, set) => set is null ? s.TrimEnd() : s.TrimEnd(set)),
        ["removeprefix"] = static c => c.Text(c.Bind("prefix")[0], "prefix") is var p && Self(c).StartsWith(p, StringComparison.Ordinal) ? Charged(c, Self(c)[p.Length..]) : Self(c),
        ["removesuffix"] = static c => c.Text(c.Bind("suffix")[0], "suffix") is var p && p.Length > 0 && Self(c).EndsWith(p, StringComparison.Ordinal) ? Charged(c, Self(c)[..^p.Length]) : Self(c),
        ["startswith"] = static c => StartsOrEnds(c, c.Bind("prefix")[0]!, static (s, p) => s.StartsWith(p, StringComparison.Ordinal)),
        ["endswith"] = static c => StartsOrEnds(c, c.Bind("suffix")[0]!, static (s, p) => s.EndsWith(p, StringComparison.Ordinal)),
        ["find"] = static c => Boxes.Of(Find(c, last: false)),
        ["rfind"] = static c => Boxes.Of(Find(c, last: true)),
        ["index"] = static c => Boxes.Of(Find(c, last: false) is >= 0 and var at ? at : throw c.Error("the text is not in it.", "find gives -1 instead of an error")),
        ["rindex"] = static c => Boxes.Of(Find(c, last: true) is >= 0 and var at ? at : throw c.Error("the text is not in it.", "rfind gives -1 instead of an error")),
        ["count"] = static c => Boxes.Of(Count(c)),
        ["replace"] = Replace,
        ["join"] = Join,
        ["split"] = static c => TextSplitting.Split(c, fromRight: false),
        ["rsplit"] = static c => TextSplitting.Split(c, fromRight: true),
        ["splitlines"] = TextSplitting.Lines,
        ["partition"] = static c => TextSplitting.Partition(c, last: false),
        ["rpartition"] = static c => TextSplitting.Partition(c, last: true),
        ["format"] = TextFormat.Apply,
        ["zfill"] = static c => Pad(c, c.Bind("width"), static (s, w, _) => (s.StartsWith('-') || s.StartsWith('+')) && s.Length < w ? s[0] + s[1..].PadLeft(w - 1, '0') : s.PadLeft(w, '0')),
        ["ljust"] = static c => Pad(c, c.Bind("width", "fill?"), static (s, w, fill) => s.PadRight(w, fill)),
        ["rjust"] = static c => Pad(c, c.Bind("width", "fill?"), static (s, w, fill) => s.PadLeft(w, fill)),
        ["center"] = static c => Pad(c, c.Bind("width", "fill?"), static (s, w, fill) => w <= s.Length ? s : s.PadLeft(s.Length + ((w - s.Length) / 2), fill).PadRight(w, fill)),
        ["isdigit"] = static c => All1(c, char.IsDigit),
        ["isdecimal"] = static c => All1(c, char.IsDigit),
        ["isnumeric"] = static c => All1(c, char.IsNumber),
        ["isalpha"] = static c => All1(c, char.IsLetter),
        ["isalnum"] = static c => All1(c, char.IsLetterOrDigit),
        ["isspace"] = static c => All1(c, char.IsWhiteSpace),
        ["isupper"] = static c => Cased(c, char.IsUpper, char.IsLower),
        ["islower"] = static c => Cased(c, char.IsLower, char.IsUpper),
    };

    public static string Self(Invocation call) => (string)call.Self;

    public static string Charged(Invocation call, string text)
    {
        call.Meter.AllocateText(text.Length);
        return text;
    }

    private static string Same(Invocation call, object?[] _, Func<string, string> change)
    {
        call.Meter.AllocateText(Self(call).Length);
        return change(Self(call));
    }

    private static string Same(Invocation call, object?[] arguments, Func<string, char[]?, string> change)
    {
        var set = arguments[0] is null or None ? null : call.Text(arguments[0], "chars").ToCharArray();
        call.Meter.Step((long)Self(call).Length * Math.Min(set?.Length ?? 0, 1024) / 64);
        call.Meter.AllocateText(Self(call).Length);
        return change(Self(call), set);
    }

    private static string Map(string text, Func<char, char, char> change) => string.Create(text.Length, (text, change), static (span, state) =>
    {
        for (var i = 0; i < span.Length; i++)
        {
            span[i] = state.change(state.text[i], i == 0 ? ' ' : state.text[i - 1]);
        }
    });

    private static object StartsOrEnds(Invocation call, object wanted, Func<string, string, bool> test)
    {
        var all = wanted is TupleValue tuple ? tuple.Items : [wanted];
        foreach (var one in all)
        {
            call.Meter.Step(1 + (Self(call).Length / 64));
            if (test(Self(call), call.Text(one, "the text")))
            {
                return Boxes.True;
            }
        }

        return Boxes.False;
    }

    private static int Find(Invocation call, bool last)
    {
        var a = call.Bind("sub", "start?", "end?");
        var (text, from) = Part(call, a);
        var at = last ? TextSearch.LastIndexOf(text, call.Text(a[0], "sub"), call.Meter) : TextSearch.IndexOf(text, call.Text(a[0], "sub"), 0, call.Meter);
        return at < 0 ? -1 : at + from;
    }

    private static int Count(Invocation call)
    {
        var a = call.Bind("sub", "start?", "end?");
        var (text, _) = Part(call, a);
        var wanted = call.Text(a[0], "sub");
        if (wanted.Length == 0)
        {
            return text.Length + 1;
        }

        var (count, from) = (0, 0);
        while (TextSearch.IndexOf(text, wanted, from, call.Meter) is >= 0 and var at)
        {
            (count, from) = (count + 1, at + wanted.Length);
        }

        return count;
    }

    private static (string Text, int From) Part(Invocation call, object?[] a)
    {
        var text = Self(call);
        if (a[1] is null && a[2] is null)
        {
            return (text, 0);
        }

        var (start, end) = (Clamp(call, a[1], text.Length, 0), Clamp(call, a[2], text.Length, text.Length));
        return start >= end ? ("", start) : (Charged(call, text[start..end]), start);
    }

    private static int Clamp(Invocation call, object? value, int length, int otherwise)
    {
        if (value is null or None)
        {
            return otherwise;
        }

        var i = call.Integer(value, "a bound");
        return (int)Math.Clamp(i < 0 ? i + length : i, 0, length);
    }

    private static object Replace(Invocation call)
    {
        var a = call.Bind("old", "new", "count?");
        var (text, old, with) = (Self(call), call.Text(a[0], "old"), call.Text(a[1], "new"));
        var most = a[2] is null ? long.MaxValue : call.Integer(a[2], "count") is >= 0 and var n ? n : long.MaxValue;
        var result = new StringBuilder();
        var (from, made) = (0, 0L);
        while (made < most)
        {
            var at = old.Length == 0 ? (made <= text.Length ? (int)made : -1) : TextSearch.IndexOf(text, old, from, call.Meter);
            if (at < 0)
            {
                break;
            }

            call.Meter.Allocate(2L * (at - from + with.Length));
            result.Append(text, from, at - from).Append(with);
            (from, made) = (at + old.Length, made + 1);
        }

        if (made == 0)
        {
            return text;
        }

        call.Meter.AllocateText(result.Length + text.Length - from);
        return result.Append(text, from, text.Length - from).ToString();
    }

    private static object Join(Invocation call)
    {
        var items = Iteration.ToList(call.Bind("items")[0]!, call.Meter);
        var length = (long)Self(call).Length * Math.Max(0, items.Count - 1);
        for (var i = 0; i < items.Count; i++)
        {
            length += items[i] is string text ? text.Length : throw call.Error($"member {i} is a {ValueTypes.NameOf(items[i])}, not a text.", "write \", \".join([str(x) for x in items])");
        }

        call.Meter.AllocateText(length);
        return string.Join(Self(call), items);
    }

    private static object Pad(Invocation call, object?[] a, Func<string, int, char, string> pad)
    {
        var width = call.Integer(a[0], "width");
        var fill = a.Length > 1 && a[1] is { } given ? call.Text(given, "fill") is { Length: 1 } one ? one[0] : throw call.Error("fill is one character.") : ' ';
        call.Meter.AllocateText(Math.Max(0, width));
        return pad(Self(call), (int)Math.Max(0, width), fill);
    }

    private static object All1(Invocation call, Func<char, bool> test)
    {
        call.Bind();
        call.Meter.Step(Self(call).Length / 16);
        return Boxes.Of(Self(call).Length > 0 && Self(call).All(test));
    }

    private static object Cased(Invocation call, Func<char, bool> has, Func<char, bool> hasNot)
    {
        call.Bind();
        call.Meter.Step(Self(call).Length / 16);
        return Boxes.Of(Self(call).Any(has) && !Self(call).Any(hasNot));
    }
}
