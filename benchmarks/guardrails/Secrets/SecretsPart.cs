using System.Globalization;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Benchmarks.Guardrails.Secrets;

/// <summary>Secrets made from the documented formats, each in eight places, and the lines of this project's own sources, which hold none but those marked as examples.</summary>
internal static class SecretsPart
{
    private const int OfEach = 8;

    public static QualityTable? Run(Options options)
    {
        var policy = PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "secrets", Rules = [new GuardrailRuleEntry { Detector = "secrets" }] }).Policy!;
        var (found, exact, all) = (0, 0, 0);
        var missed = new List<string>();
        foreach (var (kind, text, secret) in Positives())
        {
            all++;
            var start = text.IndexOf(secret, StringComparison.Ordinal);
            var findings = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], policy).Findings;

            // Found is what covers the secret, so that nothing of it would pass.
            var covered = findings.Any(f => f.Start <= start && f.Start + f.Length >= start + secret.Length);
            found += covered ? 1 : 0;
            exact += findings.Any(f => f.Kind == kind && f.Start <= start && f.Start + f.Length >= start + secret.Length) ? 1 : 0;
            if (!covered)
            {
                missed.Add($"missed {kind} in: {text}");
            }
        }

        var (lines, alarms) = Benign(policy, missed);
        foreach (var miss in missed.Take(options.Errors))
        {
            Console.WriteLine(miss.ReplaceLineEnders());
        }

        var text2 = new StringBuilder();
        text2.AppendLine("secrets made from the documented formats, eight of each kind in different places; benign: lines of code and prose");
        text2.AppendLine(CultureInfo.InvariantCulture, $"{"secrets",-28}{all,9}");
        text2.AppendLine(CultureInfo.InvariantCulture, $"{"covered",-28}{(double)found / all,9:0.000}");
        text2.AppendLine(CultureInfo.InvariantCulture, $"{"covered, kind right",-28}{(double)exact / all,9:0.000}");
        text2.AppendLine(CultureInfo.InvariantCulture, $"{"benign lines",-28}{lines,9}");
        text2.AppendLine(CultureInfo.InvariantCulture, $"{"false alarms",-28}{alarms,9}");
        text2.AppendLine(CultureInfo.InvariantCulture, $"{"share",-28}{(double)alarms / Math.Max(1, lines),9:0.00000}");
        return new QualityTable(text2.ToString(), [new("recall", (double)found / all), new("kind right", (double)exact / all), new("false alarms", (double)alarms / Math.Max(1, lines), LowerIsBetter: true)]);
    }

    private static IEnumerable<(string Kind, string Text, string Secret)> Positives()
    {
        var generator = new SecretGenerator(7);
        foreach (var line in Lines("SecretFormats.txt"))
        {
            var (kind, form) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            for (var i = 0; i < OfEach; i++)
            {
                var secret = generator.OfForm(form);
                yield return (kind, generator.Place(secret, i), secret);
            }
        }

        foreach (var line in Lines("SecretServices.txt"))
        {
            var parts = line.Split(' ');
            for (var i = 0; i < OfEach; i++)
            {
                var secret = parts[2][0] == 'g' ? generator.Uuid() : generator.Run(parts[2][0], int.Parse(parts[2].AsSpan(1), CultureInfo.InvariantCulture));
                yield return (parts[0], (i % 4) switch { 0 => $"{parts[1].ToUpperInvariant()}_SECRET={secret}", 1 => $"{parts[1]}_api_key: '{secret}'", 2 => $"const {parts[1]}Token = \"{secret}\";", _ => $"\"{parts[1]}-key\" => \"{secret}\"" }, secret);
            }
        }

        foreach (var scheme in new[] { "postgres", "mysql", "mongodb+srv", "redis", "amqp", "https" })
        {
            for (var i = 0; i < OfEach; i++)
            {
                var secret = $"{scheme}://app:{generator.Run('w', 14)}@db{i}.internal:5432/main";
                yield return ("connection_string", generator.Place(secret, i), secret);
            }
        }

        for (var i = 0; i < OfEach * 4; i++)
        {
            var secret = generator.Run('w', 24);
            yield return ("generic_secret", (i % 4) switch { 0 => $"api_key = \"{secret}\"", 1 => $"SECRET={secret}", 2 => $"\"accessToken\": \"{secret}\"", _ => $"client_secret: {secret}" }, secret);
            var password = generator.Run('w', 6) + "!" + generator.Run('d', 2);
            yield return ("password", (i % 4) switch { 0 => $"password = \"{password}\"", 1 => $"my password is {password}", 2 => $"DB_PASSWORD={password}", _ => $"Server=db;User Id=sa;Password={password};" }, password);
            var jwt = $"eyJhbGciOiJIUzI1NiJ9.eyJ{generator.Run('w', 40)}.{generator.Run('k', 43)}";
            yield return ("jwt", generator.Place(jwt, i), jwt);
            var key = $"-----BEGIN {(i % 2 == 0 ? "RSA " : "")}PRIVATE KEY-----\n{string.Join('\n', Enumerable.Range(0, 12).Select(_ => generator.Run('w', 64)))}\n-----END {(i % 2 == 0 ? "RSA " : "")}PRIVATE KEY-----";
            yield return ("private_key", $"here it is:\n{key}\nthanks", key);
        }
    }

    private static (int Lines, int Alarms) Benign(CompiledPolicy policy, List<string> errors)
    {
        var (lines, alarms) = (0, 0);
        foreach (var folder in new[] { "services", "ServiceDefaults", "AppHost", "Cli", "docs" })
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Data.Root, folder), "*.*", SearchOption.AllDirectories).Where(static f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".md", StringComparison.Ordinal) || f.EndsWith(".csproj", StringComparison.Ordinal)))
            {
                if (file.Contains("/obj/", StringComparison.Ordinal) || file.Contains("/bin/", StringComparison.Ordinal))
                {
                    continue;
                }

                var text = File.ReadAllText(file);
                lines += text.Count(static c => c == '\n');
                var findings = GuardEngine.Check([new GuardText(text, GuardrailScope.Input)], policy).Findings;
                alarms += findings.Count;
                errors.AddRange(findings.Select(f => $"wrong {f.Kind} «{text[f.Start..(f.Start + Math.Min(f.Length, 80))]}» in {Path.GetFileName(file)}"));
            }
        }

        return (lines, alarms);
    }

    private static IEnumerable<string> Lines(string file) =>
        File.ReadLines(Path.Combine(Data.Root, "services", "Shared", "Guardrails.Engine", "Secrets", file)).Where(static l => l.Length > 0 && l[0] != '#');

    private static string ReplaceLineEnders(this string text) => text.ReplaceLineEndings(" / ");
}
