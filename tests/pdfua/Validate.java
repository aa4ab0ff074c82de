// Validates every file given against PDF/UA-1 with the veraPDF engine, in one run: one line for each file and fault.
// The exit code is the number of files that fail. Run as: java -cp … Validate.java FILE.pdf …

import java.io.FileInputStream;
import java.util.TreeSet;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

public class Validate {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        PDFAFlavour flavour = PDFAFlavour.byFlavourId("ua1");
        int failed = 0;
        for (String file : files) {
            try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour)) {
                PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false);
                ValidationResult result = validator.validate(parser);
                System.out.println(file + " " + result.isCompliant() + " " + result.getTotalAssertions());
                TreeSet<String> seen = new TreeSet<>();
                for (TestAssertion found : result.getTestAssertions()) {
                    String rule = found.getRuleId().getClause() + "-" + found.getRuleId().getTestNumber();
                    if (found.getStatus() == TestAssertion.Status.FAILED && seen.add(rule)) {
                        System.out.println("  " + rule + " " + found.getMessage());
                    }
                }
                if (!result.isCompliant()) {
                    failed++;
                }
            }
        }
        System.exit(failed);
    }
}
