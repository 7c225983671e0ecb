using System.Globalization;
using System.Text;

namespace Gateway.Benchmarks.Guardrails.Secrets;

/// <summary>Makes secrets of the documented formats, at random but the same in every run, and puts them into the places where they are met.</summary>
internal sealed class SecretGenerator(int seed)
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static readonly string[] _places = ["{0}", "key = \"{0}\"", "export TOKEN={0}", "curl -H 'Authorization: Bearer {0}' https://api.example.org", "Please use {0} for the call.", "{{\"key\": \"{0}\"}}", "- name: key\n  value: {0}\n", "// {0}"];

    private readonly Random _random = new(seed);

    /// <summary>A secret of a form, as in the catalogue of formats.</summary>
    public string OfForm(string form)
    {
        var made = new StringBuilder();
        for (var i = 0; i < form.Length;)
        {
            if (form[i] != '{')
            {
                made.Append(form[i++]);
                continue;
            }

            var end = form.IndexOf('}', i);
            var range = form[(i + 2)..end].Split('-');
            var (least, most) = (int.Parse(range[0], CultureInfo.InvariantCulture), int.Parse(range[^1], CultureInfo.InvariantCulture));
            made.Append(Run(form[i + 1], _random.Next(least, most + 1)));
            i = end + 1;
        }

        return made.ToString();
    }

    /// <summary>A text with the secret in it.</summary>
    public string Place(string secret, int index) => string.Format(CultureInfo.InvariantCulture, _places[index % _places.Length], secret);

    public string Run(char kind, int length)
    {
        var alphabet = kind switch { 'd' => Digits, 'h' or 'l' => Digits + "abcdef", 'a' => Lower + Digits, 'u' => Upper + Digits, 'z' => Upper + "234567", _ => Lower + Upper + Digits };
        var extra = kind switch { 'k' => "_-", 'b' => "+/", 'e' => "_-", _ => "" };
        return string.Concat(Enumerable.Range(0, length).Select(i => extra.Length > 0 && i > 0 && i < length - 1 && _random.Next(20) == 0 ? extra[_random.Next(2)] : alphabet[_random.Next(alphabet.Length)]));
    }

    public string Uuid() => $"{Run('l', 8)}-{Run('l', 4)}-{Run('l', 4)}-{Run('l', 4)}-{Run('l', 12)}";
}
