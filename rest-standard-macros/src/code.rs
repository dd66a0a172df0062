//! The kinds of mistakes in declarations: one code for each, which its message begins with.
//!
//! This is the only list of them. Messages that the compiler makes of a bound are texts in `rest-standard`; they repeat a
//! code of this list, and a test holds both together. The book's chapter of compiler errors is generated from the titles
//! and reasons here and from the tests of wrong declarations.
//!
//! A code is never given to another kind of mistake, as people search for it; a kind that goes takes its code with it.

macro_rules! codes {
    ($($name:ident $number:literal $title:literal $reason:literal)*) => {
        /// A kind of mistake.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(dead_code, reason = "some kinds are found by the compiler, through bounds of `rest-standard`")]
        pub(crate) enum Code {
            $($name),*
        }

        impl Code {
            /// The code as it is shown: `RS020`.
            pub(crate) const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $number),*
                }
            }
        }

        #[cfg(test)]
        impl Code {
            /// All kinds in the order of their codes.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// What is wrong, in a few words.
            pub(crate) const fn title(self) -> &'static str {
                match self {
                    $(Self::$name => $title),*
                }
            }

            /// Why it is wrong.
            pub(crate) const fn reason(self) -> &'static str {
                match self {
                    $(Self::$name => $reason),*
                }
            }
        }
    };
}

codes! {
    Syntax "RS001" "An attribute cannot be read"
        "Options are written `key`, `key = value` or `key(…)`, separated by commas, and a value is a Rust expression."
    UnknownOption "RS002" "There is no such option"
        "Each attribute has a few options, and what is none of them would have no effect."
    DuplicateOption "RS003" "An option is written twice"
        "One of the two would have no effect."
    MissingComma "RS004" "A comma is missing between two options"
        "Options are separated by commas."
    FlagWithValue "RS005" "An option that is there or not has a value"
        "Such an option is on where it is written and off where it is left out."
    MissingValue "RS006" "An option has no value"
        "The option means nothing without what stands behind its `=`."
    NotText "RS007" "A value is not a string literal"
        "Names and patterns are text, and they are judged while the code is compiled, so they are literals."
    NotAType "RS008" "A value is not a type"
        "A resource is named by its type, as everywhere in Rust, so that editors find it and renaming it works."
    UnknownWord "RS009" "A value is not one of the words that an option takes"
        "The option chooses from a fixed list."
    NotAList "RS010" "A list of methods does not stand in parentheses"
        "There may be several, so they stand in parentheses."
    OptionsWithoutParentheses "RS011" "An attribute's options do not stand in parentheses"
        "An attribute may have several options, so they stand in parentheses."
    WrongItem "RS012" "An attribute stands on another kind of item"
        "Each attribute describes one kind of item: structs are resources or nested objects, enums are values, `impl` blocks hold custom methods."
    NoNamedFields "RS013" "A struct has no named fields"
        "The fields' names become the names in JSON."
    Generic "RS014" "A declaration has generic parameters or a `where` clause"
        "A resource has one address, one table and one schema, so its types are known."
    NoOptions "RS015" "An attribute that takes no options has some"
        "The attribute has nothing to choose."
    Documentation "RS016" "The documentation is not literal text"
        "It becomes the description that clients see, while the code is compiled."
    CollectionAndSingleton "RS017" "A resource is both a collection and a singleton"
        "A collection has many resources with ids, a singleton is one without."
    NoPlace "RS018" "A resource has no place in the API"
        "A resource is reached by its path segment, which no name of a type can give in good English."
    NotKebabCase "RS019" "A path segment is not lower-case words joined by `-`"
        "Addresses look alike in every service, and a segment is one part of an address: what it stands under is its `parent`."
    NotPlural "RS020" "A collection's segment is not a plural"
        "A client's author should be able to tell from the address that there are many."
    NotSingular "RS021" "A singleton's segment is not a singular"
        "A singleton is one resource without id, and its address says so."
    Action "RS022" "A collection is called like an action"
        "The HTTP method is the verb. An action is a custom method, or a resource of its own when it takes time."
    Abbreviation "RS023" "A segment is abbreviated"
        "A client's author should not have to guess a name."
    ReservedSegment "RS024" "A segment has a meaning of its own"
        "The address would have two meanings."
    SingularOfSingleton "RS025" "The singular of a singleton is another word than its segment"
        "A singleton is called by its singular already."
    CollectionOption "RS026" "A singleton has an option of collections"
        "A singleton is one resource without id, which exists as long as its parent does."
    CollectionMethod "RS027" "A singleton has a method of collections"
        "A singleton exists as soon as its parent does, and as long; it is read and updated."
    UnknownMethod "RS028" "There is no such standard method"
        "The standard methods are named by what they do to a resource, not by the HTTP method."
    DuplicateMethod "RS029" "A standard method is named twice"
        "Once is enough."
    MethodsAndWithout "RS030" "A resource has both `methods` and `without`"
        "`methods(…)` already says exactly which methods there are."
    NoMethod "RS031" "A list of methods is empty"
        "It would switch nothing on, or nothing off."
    UpsertOfServerMadeIds "RS032" "PUT is to create resources whose ids the server makes"
        "`upsert` lets PUT create a resource at an address that the client chose."
    UpsertWithoutUpdate "RS033" "PUT is to create resources that cannot be updated"
        "`upsert` lets PUT, which is the method `update`, create what is absent."
    ExampleOfId "RS034" "The example of an id is not such an id"
        "The documentation shows it, and people copy it."
    NotAParent "RS035" "The parent is not a resource"
        "A resource stands under another resource, whose address its own begins with."
    RulesMissing "RS036" "The option `rules` is there and the rules are not"
        "The option promises that the type implements `Rules`."
    RulesNotDeclared "RS037" "The rules are there and the option `rules` is not"
        "Without the option nobody would ask the rules, and every request would pass."
    SegmentIsVerb "RS038" "A child is called like a verb of its parent"
        "The parent takes verbs as `/verb` too, so the address would have two meanings."
    NotAResource "RS039" "A type is not a resource"
        "Custom methods, rules and keys belong to a struct with `#[resource(…)]`."
    PrivateField "RS040" "A field is private"
        "Every field is part of the JSON. Rust's privacy would not keep it from clients, so a private field is probably meant to be secret."
    FieldName "RS041" "A field's name is not snake_case"
        "It is also the name of the column, and in lowerCamelCase that in JSON."
    FrameworkField "RS042" "A field has a name that the framework uses"
        "The framework gives every resource this field, and what a client sends in it is ignored."
    JsonName "RS043" "A JSON name is not in lowerCamelCase"
        "Names in JSON look alike in every service."
    JsonNameTwice "RS044" "Two fields have one JSON name"
        "One of them could neither be sent nor read."
    FieldType "RS045" "A field has a type that no field can have"
        "Each type has one form in JSON, in every store and in the documentation."
    ResourceOption "RS046" "A field of a nested object has an option of resources' fields"
        "A nested object is sent, stored and replaced as a whole."
    InputAndOutputOnly "RS047" "A field is both `input_only` and `output_only`"
        "Nobody could ever see or set it."
    OutputOnlyImmutable "RS048" "A field is both `output_only` and `immutable`"
        "No client sets it, so no client could change it."
    SearchedInputOnly "RS049" "A list can be searched by a field that is never returned"
        "Its value would show in which resources are listed, and in which order."
    UniqueDefault "RS050" "A unique field has a default"
        "The second resource that leaves the field out would be refused."
    SearchedSingleton "RS051" "A singleton's field has `filter` or `order`"
        "A singleton is never listed."
    ImmutableSingleton "RS052" "A singleton's field is `immutable`"
        "A singleton is never created by a client, so nobody could ever set the field."
    SingletonDefault "RS053" "A singleton's field has no value to begin with"
        "A singleton exists as soon as its parent does, before any client has sent anything."
    OutputDefault "RS054" "An `output_only` field has no value to begin with"
        "No client sends it when the resource is created."
    Length "RS055" "A `length` is not a range of literal numbers"
        "It bounds the characters of a text or the elements of a list, and it is part of the documentation."
    Range "RS056" "A `range` is not a range of literal numbers"
        "It bounds a number of at most 64 bits, and it is part of the documentation."
    MixedRange "RS057" "A `range` has one end with a point and one without"
        "Bounds with a point are for an `f64`, bounds without are for integers."
    HalfOpenFloats "RS058" "A `range` of floating-point numbers leaves out its end"
        "No largest value below the end could be written into the documentation."
    EmptyBounds "RS059" "A `length` or `range` is empty"
        "No value could ever keep it."
    BoundsNothing "RS060" "A `length` or `range` bounds nothing"
        "Every value keeps it."
    Pattern "RS061" "A `pattern` is not a regular expression"
        "It is of the syntax of the crate `regex`, whose time is bounded by the length of the text."
    BreaksOwnBounds "RS062" "A default or example breaks its field's own declaration"
        "What a client gets when it sends nothing, or copies from the documentation, must be right."
    Literal "RS063" "The literal of a default or example is not of its field's type"
        "It becomes the value of the field."
    LengthType "RS064" "A `length` stands on a type that has none"
        "It counts the characters of a text or the elements of a list or map."
    RangeType "RS065" "A `range` stands on a type that it cannot bound"
        "Integers take bounds without a point, an `f64` bounds with one, and nothing else is a number."
    TextType "RS066" "A `pattern` or `format` stands on a type that is not text"
        "They judge the characters of a text."
    SingleValue "RS067" "`filter`, `order` or `unique` stands on a type that it does not apply to"
        "Every store must be able to compare the values, and in the same way."
    VariantData "RS068" "A variant carries data"
        "Its name alone is on the wire, its number alone is stored."
    VariantName "RS069" "A variant's name is not in PascalCase"
        "The name is the value on the wire."
    VariantCfg "RS070" "A variant depends on `cfg`"
        "A stored number must mean the same in every build."
    VariantNumber "RS071" "A variant's number is not a literal from 0 to 32767"
        "It is what stores keep, and what they order by."
    NoZero "RS072" "No variant is numbered 0"
        "That one is the default and the initial state."
    DefaultVariant "RS073" "The default variant is not the one numbered 0"
        "Clients get the variant numbered 0 where they send none, so Rust's default is the same."
    VariantNumberTwice "RS074" "Two variants have one number"
        "A store keeps the number, so it could not tell them apart."
    MethodsOfTrait "RS075" "Custom methods are methods of a trait"
        "The API's verbs are the type's own methods."
    NotAMethod "RS076" "`#[custom_method]` stands on something that is not a method"
        "A custom method answers `POST node:verb`, which only an `async fn` can."
    StrayMethod "RS077" "`#[custom_method]` stands outside a `#[custom_methods]` block"
        "The block's attribute collects the methods; alone the method would have no address."
    NotAsync "RS078" "A custom method is not an `async fn` and nothing else"
        "The framework awaits it for each request."
    GenericMethod "RS079" "A custom method is generic"
        "It has one address, one input and one output."
    Receiver "RS080" "A custom method takes `self` in another way than `&self` or `&mut self`"
        "What `&mut self` leaves behind is written, `&self` only reads, and without a receiver the method stands on the collection."
    ContextParameter "RS081" "A custom method does not take its context as the last parameter, by `&mut`"
        "The context reads and writes other resources and says who asks."
    InputParameter "RS082" "A custom method's input is not one value of a known type"
        "It is the whole body of the request, made for this one call, and its fields are checked and documented."
    NoResult "RS083" "A custom method does not return a `Result`"
        "A method that can be called can be refused, and an error is how."
    Verb "RS084" "A verb is not in lowerCamelCase"
        "Addresses look alike in every service: `:turnOn`."
    ReservedVerb "RS085" "A verb is called like a standard method"
        "The standard gives it a meaning of its own."
    VerbTwice "RS086" "Two custom methods have one verb"
        "The address would have two meanings."
    WhenOnCollection "RS087" "A method on the collection has a condition"
        "The condition asks `self`, which only a method with `&self` or `&mut self` has."
    WhenIsNotBoolean "RS088" "A condition is not a boolean"
        "It says whether the method is allowed now."
    ReadOnlyWrites "RS089" "A `read_only` method takes `&mut self`"
        "It answers GET, which changes nothing."
    Body "RS090" "A custom method's input or output is not a `#[resource_value]`"
        "The body of a request or an answer is an object whose members are declared."
    Answer "RS091" "A custom method's output cannot be sent"
        "A method answers with its resource, which is `()`, or with an object whose members are declared."
    ContextOfAnother "RS092" "A custom method takes the context of another type"
        "The context is that of the resource whose method it is."
    MethodError "RS093" "A custom method's error is not `rest_standard::Error`"
        "The error decides what the client is told; `?` makes one of any other error."
    NoCustomMethod "RS094" "A `#[custom_methods]` block has no custom method"
        "A method without its own `#[custom_method]` has no address."
    OptionOfOption "RS095" "A field is an `Option` of an `Option`"
        "JSON has one `null`, which cannot tell the two apart."
    RangeOfType "RS096" "A `range` goes beyond the field's type"
        "The type is a bound of its own, and the documentation would promise values that it cannot hold."
    OnlyEmpty "RS097" "A `length` allows only what is empty"
        "The field could never hold anything."
    VariantNameTwice "RS098" "Two variants have one name"
        "The name is the value on the wire."
    SingletonRule "RS099" "Rules of a singleton judge a create or a delete"
        "A singleton exists as soon as its parent does, and as long, so nobody would ever ask them."
    Required "RS100" "A field is `required` that is so already, or that has a default"
        "The option is for enums, lists and maps, which have a value where a client sends none."
    BatchOfNothing "RS101" "`batch` is switched on without a method that it repeats"
        "The batch verbs do what the methods `read`, `create`, `update` and `delete` do, to several resources at once."
}
