using System.Text.Json;
using Gateway.Contracts.Cache;
using Gateway.SemanticCache.Embedding;

namespace Gateway.SemanticCache.Tests;

public sealed class LanguagesTests
{
    [Theory]
    [InlineData("¿Cómo puedo cambiar la contraseña de mi cuenta?", "es")]
    [InlineData("Wie kann ich das Passwort meines Kontos ändern?", "de")]
    [InlineData("Comment puis-je changer le mot de passe de mon compte ?", "fr")]
    [InlineData("Como posso alterar a senha da minha conta?", "pt")]
    [InlineData("Come posso cambiare la password del mio account?", "it")]
    [InlineData("Hoe kan ik het wachtwoord van mijn account wijzigen?", "nl")]
    public void A_question_in_another_language_is_not_for_an_english_model(string text, string code)
    {
        Assert.Equal(code, Languages.Of(text));
        Assert.Equal(CacheReasons.UnknownLanguage, Languages.NotEnglish(text));
        Assert.True(Languages.Differ(text, "How can I change the password of my account?"));
    }

    [Theory]
    [InlineData("Berlin")]
    [InlineData("Who wrote Les Misérables?")]
    [InlineData("Was Napoleon short?")]
    [InlineData("What does carpe diem mean?")]
    [InlineData("cafe near me")]
    public void Names_and_foreign_words_do_not_make_a_language(string text) => Assert.Null(Languages.NotEnglish(text));

    [Fact]
    public void Hardly_a_question_in_english_is_taken_for_another_language()
    {
        var path = Data();
        Assert.SkipWhen(path is null, "The development pairs are not on this machine.");
        var (all, taken) = (0, 0);
        foreach (var line in File.ReadLines(path))
        {
            using var pair = JsonDocument.Parse(line);
            foreach (var name in new[] { "text_a", "text_b" })
            {
                all++;
                taken += Languages.NotEnglish(pair.RootElement.GetProperty(name).GetString()!) is null ? 0 : 1;
            }
        }

        Assert.True(taken < all * 0.005, $"{taken} of {all} are taken for another language");
    }

    private static string? Data() =>
        Path.Combine(SourceTree.SharedData, "semcache", "gptcache", "qqp-dev-12000.jsonl") is var path && File.Exists(path) ? path : null;
}
