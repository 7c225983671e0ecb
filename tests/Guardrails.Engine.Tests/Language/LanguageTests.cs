using Gateway.Contracts.Configuration;
using Gateway.Guardrails.Engine.Code;
using Gateway.Guardrails.Engine.Language;
using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Guardrails.Engine.Tests.Language;

public sealed class LanguageTests
{
    [Theory]
    [InlineData("en", "Could you tell me how the weather is going to be tomorrow in the north?")]
    [InlineData("de", "Könnten Sie mir sagen, wie das Wetter morgen im Norden sein wird?")]
    [InlineData("fr", "Pouvez-vous me dire quel temps il va faire demain dans le nord ?")]
    [InlineData("es", "¿Puede decirme qué tiempo va a hacer mañana en el norte del país?")]
    [InlineData("ru", "Не могли бы вы сказать мне, какая завтра будет погода на севере?")]
    [InlineData("uk", "Чи не могли б ви сказати мені, яка завтра буде погода на півночі?")]
    [InlineData("ja", "明日の北部の天気はどうなりますか。")]
    [InlineData("zh", "你能告诉我明天北方的天气怎么样吗？")]
    [InlineData("ko", "내일 북쪽 날씨가 어떨지 알려 주시겠어요?")]
    [InlineData("ar", "هل يمكنك أن تخبرني كيف سيكون الطقس غدا في الشمال؟")]
    [InlineData("hi", "क्या आप मुझे बता सकते हैं कि कल उत्तर में मौसम कैसा रहेगा?")]
    [InlineData("tr", "Yarın kuzeyde havanın nasıl olacağını bana söyleyebilir misiniz ve ne kadar soğuk olacak?")]
    public void Languages_are_told_apart(string code, string text)
    {
        var (said, score) = LanguageIdentifier.Identify(text);
        Assert.Equal(code, said);
        Assert.InRange(score, 0.5, 1);
    }

    [Fact]
    public void At_least_thirty_are_known() => Assert.True(LanguageIdentifier.All.Count >= 30);

    [Fact]
    public void Other_languages_than_those_allowed_are_found()
    {
        var set = Streaming.Set(new GuardrailRuleEntry { Detector = "language", Allow = ["en", "de"], Action = GuardrailAction.Block });
        Assert.NotNull(Streaming.Whole(set, "This is a sentence in the language that everybody here is allowed to use."));
        Assert.Null(Streaming.Whole(set, "Ceci est une phrase dans une langue que personne ici n'a le droit d'utiliser."));
        Assert.NotNull(Streaming.Whole(set, "12345"));
    }

    [Fact]
    public void A_rule_without_languages_or_with_unknown_ones_is_refused()
    {
        Assert.NotEmpty(PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [new GuardrailRuleEntry { Detector = "language" }] }).Problems);
        Assert.NotEmpty(PolicyCompiler.Compile(new GuardrailPolicyEntry { Id = "p", Rules = [new GuardrailRuleEntry { Detector = "language", Allow = ["klingon"] }] }).Problems);
    }

    [Theory]
    [InlineData("python", "import os\n\ndef main():\n    for name in os.listdir('.'):\n        print(name)\n\nif __name__ == '__main__':\n    main()")]
    [InlineData("sql", "SELECT id, name FROM users WHERE id = 7;\nUPDATE users SET name = 'x' WHERE id = 8;\nDELETE FROM users WHERE id = 9;")]
    public void Code_is_found(string kind, string text)
    {
        var (said, score) = CodeScorer.Score(text);
        Assert.Equal(kind, said);
        Assert.InRange(score, 0.5, 1);
    }

    [Theory]
    [InlineData("Please write me a short letter to my landlord; I want to move out in June (the 15th).")]
    [InlineData("")]
    [InlineData("\n\n \n")]
    public void Prose_is_not_code(string text) => Assert.InRange(CodeScorer.Score(text).Score, 0, 0.49);
}
