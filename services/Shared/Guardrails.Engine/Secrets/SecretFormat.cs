using System.Globalization;

namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>The form of a kind of secret: literal parts and runs of a class. Matched from left to right without going back.</summary>
internal sealed class SecretFormat
{
    private readonly List<Part> _parts = [];

    public SecretFormat(string kind, string form)
    {
        Kind = kind;
        for (var i = 0; i < form.Length;)
        {
            if (form[i] == '{')
            {
                var end = form.IndexOf('}', i);
                var range = form[(i + 2)..end].Split('-');
                var least = int.Parse(range[0], CultureInfo.InvariantCulture);
                _parts.Add(new Part(null, form[i + 1], least, int.Parse(range[^1], CultureInfo.InvariantCulture)));
                i = end + 1;
            }
            else
            {
                var end = form.IndexOf('{', i);
                end = end < 0 ? form.Length : end;
                _parts.Add(new Part(form[i..end], ' ', end - i, end - i));
                i = end;
            }
        }

        Longest = _parts.Sum(static p => p.Most);
        var at = _parts.FindIndex(static p => p.Literal is { Length: > 1 });
        Trigger = at < 0 ? "" : _parts[at].Literal!;
        foreach (var part in _parts.Take(Math.Max(at, 0)))
        {
            BeforeLeast += part.Least;
            BeforeMost += part.Most;
        }
    }

    public string Kind { get; }

    /// <summary>The first literal part, which is what is searched for; empty where there is none.</summary>
    public string Trigger { get; }

    /// <summary>How much may stand before the trigger.</summary>
    public int BeforeLeast { get; }

    public int BeforeMost { get; }

    public int Longest { get; }

    public IReadOnlyList<Part> Parts => _parts;

    /// <summary>Where a secret ends that begins at a place; -1 for none. Nothing that continues it may follow.</summary>
    public int Match(ref SecretText text, int start)
    {
        if (IsWord(text.At(start - 1)) && IsWord(text.At(start)))
        {
            return -1;
        }

        var at = start;
        for (var i = 0; i < _parts.Count; i++)
        {
            var part = _parts[i];
            if (part.Literal is { } literal)
            {
                foreach (var c in literal)
                {
                    if (text.At(at) != c)
                    {
                        return -1;
                    }

                    at++;
                }

                continue;
            }

            var from = at;
            while (at - from < part.Most && CharClass.Has(part.Class, text.At(at)))
            {
                at++;
            }

            if (at - from < part.Least)
            {
                return -1;
            }

            if (i == _parts.Count - 1 && (CharClass.Has(part.Class, text.At(at)) || IsWord(text.At(at))))
            {
                return -1;
            }
        }

        return IsWord(text.At(at)) && IsWord(text.At(at - 1)) ? -1 : at;
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';

    internal readonly record struct Part(string? Literal, char Class, int Least, int Most);
}
