using System.Collections.Frozen;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Secrets;

/// <summary>
/// Finds secrets. One search tells where something may begin: a literal part of a format, or a name that secrets are assigned to. Only there is anything looked at,
/// over a bounded length.
/// </summary>
public sealed class SecretsDetector : IDetector
{
    private const int LongestKey = 16_384;
    private const int LongestToken = 8192;
    private const int Tail = 80;

    /// <summary>What policies know of it.</summary>
    public static DetectorDescriptor Descriptor { get; } = new()
    {
        Name = "secrets",
        Summary = "Keys, tokens, passwords and connection strings by their documented formats, by the names they are assigned to, and by entropy.",
        Kinds = SecretCatalogue.Kinds,
        Members = DetectorMembers.Allow | DetectorMembers.MinScore,
        MinScore = 0.5,
        Create = static settings => new SecretsDetector(settings.Kinds),
    };

    private readonly FrozenSet<string> _kinds;
    private readonly SecretCatalogue _catalogue = SecretCatalogue.Default;

    /// <summary>A detector.</summary>
    /// <param name="kinds">What it looks for.</param>
    public SecretsDetector(FrozenSet<string> kinds)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        _kinds = kinds;
    }

    /// <inheritdoc />
    public string Name => "secrets";

    /// <inheritdoc />
    public int Lookbehind => 2;

    /// <inheritdoc />
    public int Window => LongestKey + Tail + 64;

    /// <inheritdoc />
    public int Detect(in DetectorText text, FindingSink findings)
    {
        ArgumentNullException.ThrowIfNull(findings);
        var scan = new SecretText(text.Text, text.IsComplete);
        List<SecretFormat>? formats = null;
        var (at, told) = (text.From, text.From);
        while (at < text.Text.Length && !findings.IsFull)
        {
            var hit = _catalogue.Triggers.Next(text.Text, at, out var what);
            if (hit == text.Text.Length)
            {
                break;
            }

            scan.NeedsMore = false;
            formats ??= [];
            formats.Clear();
            var found = (what & TriggerKind.Format) != 0 ? Format(ref scan, hit, told, formats) : default;
            if (found.Kind is null && (what & TriggerKind.Name) != 0)
            {
                found = Named(ref scan, hit, told, formats);
            }

            if (scan.NeedsMore)
            {
                return Math.Max(told, Math.Min(hit, found.Kind is null ? hit : found.Start) - Tail);
            }

            if (found.Kind is not null && found.Start >= told && _kinds.Contains(found.Kind))
            {
                findings.Add(found.Start, found.End - found.Start, found.Kind, found.Score);
                at = told = found.End;
            }
            else
            {
                at = hit + 1;
            }
        }

        return text.IsComplete ? text.Text.Length : Math.Max(told, TailOf(text.Text));
    }

    // A trigger may be cut, and some formats begin before theirs; none of them has a space.
    private static int TailOf(ReadOnlySpan<char> text)
    {
        var at = text.Length;
        while (at > 0 && text.Length - at < Tail * 2 && (text[at - 1] > ' ' || text.Length - at < 4))
        {
            at--;
        }

        return at;
    }

    private Secret Format(ref SecretText text, int hit, int told, List<SecretFormat> formats)
    {
        if (text.Text[hit] == '-' && text.Text[hit..].StartsWith("-----BEGIN", StringComparison.Ordinal))
        {
            return Key(ref text, hit);
        }

        if (text.Text[hit] == ':' && text.Text[hit..].StartsWith("://", StringComparison.Ordinal))
        {
            return Credentials(ref text, hit, told);
        }

        var best = default(Secret);
        _catalogue.At(text.Text, hit, formats);
        foreach (var format in formats)
        {
            for (var before = format.BeforeMost; before >= format.BeforeLeast; before--)
            {
                var start = hit - before;
                if (start >= told && format.Match(ref text, start) is > 0 and var end && end - start > best.End - best.Start && !IsOneCharacter(text.Text[(start + format.Trigger.Length)..end]))
                {
                    best = new Secret(start, end, format.Kind, 0.95);
                }
            }
        }

        return best.Kind is null && text.Text[hit..].StartsWith("eyJ", StringComparison.Ordinal) ? Jwt(ref text, hit) : best;
    }

    private Secret Named(ref SecretText text, int hit, int told, List<SecretFormat> formats)
    {
        if (!Assignments.TryValue(ref text, hit, out var start, out var end, out var isSaid) || start < told)
        {
            return default;
        }

        // A value with a form of its own is of that kind, not just some secret.
        formats.Clear();
        if (_catalogue.FormatTriggers.Next(text.Text[start..end], 0, out _) is var inside && inside < end - start && Format(ref text, start + inside, told, formats) is { Kind: not null } formed && _kinds.Contains(formed.Kind))
        {
            return formed;
        }

        var name = text.Text[hit..];
        var value = text.Text[start..end];
        foreach (var service in _catalogue.Services)
        {
            if (value.Length == service.Length && name.StartsWith(service.Name, StringComparison.OrdinalIgnoreCase) && IsOf(value, service.Class) && Assignments.Entropy(value) > 2.8 && !Assignments.IsPlaceholder(value))
            {
                return new Secret(start, end, service.Kind, 0.85);
            }
        }

        if ((name[0] | ' ') == 'p' && (name[1] | ' ') is 'a' or 'w')
        {
            return Assignments.IsPassword(value, isSaid) ? new Secret(start, end, SecretCatalogue.Password, 0.7) : default;
        }

        foreach (var known in SecretCatalogue.Names)
        {
            if (name.StartsWith(known, StringComparison.OrdinalIgnoreCase))
            {
                return Assignments.IsGeneric(value) ? new Secret(start, end, SecretCatalogue.Generic, 0.6) : default;
            }
        }

        return default;
    }

    private static Secret Key(ref SecretText text, int hit)
    {
        var label = hit + 10;
        var at = label;
        while (at - label < 60 && text.At(at) is ' ' or (>= 'A' and <= 'Z') or (>= '0' and <= '9'))
        {
            at++;
        }

        if (text.At(at) != '-' || !text.Text[label..at].Contains("PRIVATE KEY", StringComparison.Ordinal))
        {
            return default;
        }

        // To the end of its armour, or where that is missing as far as a key goes.
        var most = Math.Min(text.Text.Length, hit + LongestKey);
        var end = text.Text[at..most].IndexOf("-----END", StringComparison.Ordinal);
        if (end < 0)
        {
            text.At(hit + LongestKey);
            return new Secret(hit, most, SecretCatalogue.PrivateKey, 0.9);
        }

        end += at + 8;
        while (text.At(end) is ' ' or (>= 'A' and <= 'Z') or (>= '0' and <= '9') && end - hit < LongestKey + 60)
        {
            end++;
        }

        for (var dashes = 0; dashes < 5 && text.At(end) == '-'; dashes++)
        {
            end++;
        }

        return new Secret(hit, end, SecretCatalogue.PrivateKey, 0.99);
    }

    private static Secret Jwt(ref SecretText text, int hit)
    {
        // Only where it begins: inside a longer run each place would be looked at to its end.
        if (CharClass.Has('k', text.At(hit - 1)))
        {
            return default;
        }

        var (at, dots, part) = (hit, 0, hit);
        while (at - hit < LongestToken)
        {
            var c = text.At(at);
            if (c == '.')
            {
                if (at - part < (dots == 0 ? 10 : 4) || ++dots > 4)
                {
                    break;
                }

                part = at + 1;
            }
            else if (!CharClass.Has('k', c) && c != '=')
            {
                break;
            }

            at++;
        }

        return dots >= 2 && at - part >= 6 ? new Secret(hit, at, SecretCatalogue.Jwt, 0.95) : default;
    }

    // «postgres://user:password@host»
    private static Secret Credentials(ref SecretText text, int hit, int told)
    {
        var start = hit;
        while (start > told && hit - start < 20 && (char.IsAsciiLetterOrDigit(text.Text[start - 1]) || text.Text[start - 1] is '+' or '-' or '.'))
        {
            start--;
        }

        var (at, colon) = (hit + 3, -1);
        for (; at - hit < 200; at++)
        {
            var c = text.At(at);
            if (c == ':' && colon < 0)
            {
                colon = at;
            }

            if (c is '@' || c <= ' ' || c is '/' or '?' or '#' or '"' or '\'' or '<' or '>' or '`')
            {
                break;
            }
        }

        if (start == hit || text.At(at) != '@' || colon < 0 || at - colon < 4 || text.Text[(colon + 1)..at].ContainsAny('$', '{', '*') || Assignments.IsPlaceholder(text.Text[(colon + 1)..at]))
        {
            return default;
        }

        at++;
        while (at - hit < 400 && text.At(at) is > ' ' and not ('"' or '\'' or '<' or '>' or '`' or ',' or ';' or ')'))
        {
            at++;
        }

        return new Secret(start, at, SecretCatalogue.ConnectionString, 0.9);
    }

    private static bool IsOf(ReadOnlySpan<char> value, char kind)
    {
        foreach (var c in value)
        {
            if (!CharClass.Has(kind, c))
            {
                return false;
            }
        }

        return true;
    }

    // «ghp_xxxxxxxxxxxx» stands for a key and is none.
    private static bool IsOneCharacter(ReadOnlySpan<char> body) => body.Length > 4 && !body.ContainsAnyExcept(body[1]);

    private readonly record struct Secret(int Start, int End, string? Kind, double Score);
}
