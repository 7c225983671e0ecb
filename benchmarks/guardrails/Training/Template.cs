using System.Text;

namespace Gateway.Benchmarks.Guardrails.Training;

/// <summary>A line with choices, <c>{one|other}</c>, nested at will.</summary>
internal static class Template
{
    /// <summary>The line with each choice made by chance. What is in braces without a bar stays as it is; a broken bar stands for a bar.</summary>
    public static string Fill(string line, Random random)
    {
        var at = 0;
        return Sequence(line, ref at, random, inner: false).Replace("\\n", "\n", StringComparison.Ordinal).Replace('¦', '|').Trim(' ');
    }

    private static string Sequence(string line, ref int at, Random random, bool inner)
    {
        var choices = new List<StringBuilder> { new() };
        while (at < line.Length)
        {
            var c = line[at++];
            if (c == '{')
            {
                choices[^1].Append(Sequence(line, ref at, random, inner: true));
            }
            else if (c == '}' && inner)
            {
                return choices.Count == 1 ? "{" + choices[0] + "}" : choices[random.Next(choices.Count)].ToString();
            }
            else if (c == '|' && inner)
            {
                choices.Add(new StringBuilder());
            }
            else
            {
                choices[^1].Append(c);
            }
        }

        return string.Join("|", choices);
    }
}
